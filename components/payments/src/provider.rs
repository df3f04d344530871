//! The providers behind one form: what is asked of Stripe over HTTP, and what of a seller's word at once.

use commerce::Text;
use service::settings::SettingError;
use service::{Problem, Settings};

use crate::payment::{self, Payment, Provider, Status};
use crate::refund::{self, Refund};
use crate::stripe::{Stripe, StripeError};

/// Why a provider did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The shop has no account there.
    #[error("the shop is not paid by {}", .0.as_str())]
    NotOffered(Provider),
    /// Something is missing that it was asked by.
    #[error("the provider has no intent of this payment")]
    NoIntent,
    #[error(transparent)]
    Stripe(#[from] StripeError),
}

/// Those that the shop has an account with.
#[derive(Clone)]
pub struct Providers {
    stripe: Option<Stripe>,
}

/// An account with one of them.
#[derive(Clone)]
pub enum Account {
    Stripe(Stripe),
    Offline,
}

impl Providers {
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let stripe = Stripe::from_settings(settings).await?;
        Ok(Self { stripe })
    }

    /// Who takes the money where the client does not say.
    pub fn usual(&self) -> Provider {
        match self.stripe {
            Some(_) => Provider::Stripe,
            None => Provider::Offline,
        }
    }

    /// The account at Stripe, if there is one.
    pub fn stripe(&self) -> Option<&Stripe> {
        self.stripe.as_ref()
    }

    pub fn account(&self, provider: Provider) -> Result<Account, ProviderError> {
        match (provider, &self.stripe) {
            (Provider::Offline, _) => Ok(Account::Offline),
            (Provider::Stripe, Some(stripe)) => Ok(Account::Stripe(stripe.clone())),
            (Provider::Stripe, None) => Err(ProviderError::NotOffered(provider)),
        }
    }
}

impl Account {
    /// Makes the payment known, if it is not. One that is refused has failed.
    pub async fn create(&self, payment: &Payment) -> Result<payment::Report, ProviderError> {
        let Account::Stripe(stripe) = self else {
            return Ok(payment::Report::of(Status::RequiresPayment));
        };
        match stripe.create(payment).await {
            Err(StripeError::Refused { message, .. }) => Ok(payment::Report {
                failure: Some(message),
                ..payment::Report::of(Status::Failed)
            }),
            answered => Ok(answered?),
        }
    }

    /// How a payment that is known there stands.
    pub async fn look(&self, payment: &Payment) -> Result<payment::Report, ProviderError> {
        match (self, &payment.provider_ref) {
            (Account::Stripe(stripe), Some(reference)) => Ok(stripe.look(reference).await?),
            (Account::Stripe(_), None) | (Account::Offline, _) => {
                Ok(payment::Report::of(payment.status))
            }
        }
    }

    /// How a payment stands after it was cancelled, if it could be.
    pub async fn cancel(&self, payment: &Payment) -> Result<payment::Report, ProviderError> {
        match (self, &payment.provider_ref) {
            (Account::Stripe(stripe), Some(reference)) => {
                Ok(stripe.cancel(payment, reference).await?)
            }
            // A client can pay only what was made known and answered.
            (Account::Stripe(_), None) | (Account::Offline, _) => {
                Ok(payment::Report::of(Status::Cancelled))
            }
        }
    }

    /// Gives money back, once for each refund. One that is refused has failed.
    pub async fn refund(
        &self,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<refund::Report, ProviderError> {
        let Account::Stripe(stripe) = self else {
            return Ok(refund::Report {
                status: refund::Status::Succeeded,
                reference: None,
                failure: None,
            });
        };
        let reference = payment.provider_ref.as_deref();
        let reference = reference.ok_or(ProviderError::NoIntent)?;
        match stripe.refund(reference, refund).await {
            Err(StripeError::Refused { message, .. }) => Ok(refund::Report {
                status: refund::Status::Failed,
                reference: None,
                failure: Some(message),
            }),
            answered => Ok(answered?),
        }
    }

    /// The same where it may have been asked for before: what is there already is not asked for again.
    pub async fn refund_again(
        &self,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<refund::Report, ProviderError> {
        if let (Account::Stripe(stripe), Some(reference)) = (self, &refund.provider_ref) {
            // It is known there, perhaps because it began there.
            return Ok(stripe.look_at_refund(reference).await?);
        }
        if let (Account::Stripe(stripe), Some(reference)) = (self, &payment.provider_ref)
            && let Some(found) = stripe.find_refund(reference, refund.id).await?
        {
            return Ok(found);
        }
        self.refund(payment, refund).await
    }
}

impl From<ProviderError> for Problem {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::NotOffered(provider) => Problem::conflict(
                "provider-not-offered",
                Text::new(
                    "Ce moyen de paiement n’est pas proposé",
                    "This way of paying is not offered",
                ),
            )
            .with("provider", provider.as_str()),
            ProviderError::NoIntent => Problem::internal(error),
            ProviderError::Stripe(error) => error.into(),
        }
    }
}
