//! How often a password may be tried: what the counts of attempts mean to whoever tries.

use cache::Cache;
use commerce::Text;
use service::Problem;

use crate::store::attempts;

/// What cannot be counted is refused: without Redis, or with a Redis that is full, passwords could be tried at
/// will.
pub async fn count(cache: &Cache, email: &str, network: &str) -> Result<(), Problem> {
    match attempts::count(cache, email, network).await {
        Ok(None) => Ok(()),
        Ok(Some(seconds)) => Err(Problem::too_many_requests(
            "too-many-attempts",
            Text::new("Trop d’essais : patientez", "Too many attempts: wait"),
            seconds,
        )),
        Err(error) => Err(uncounted(error)),
    }
}

fn uncounted(error: cache::Error) -> Problem {
    let title = Text::new(
        "La connexion est momentanément impossible",
        "Signing in is not possible at the moment",
    );
    Problem::not_ready("sign-in-unavailable", title)
        .detail(
            "Les essais de connexion ne peuvent pas être comptés. Réessayez dans un instant ; \
             les personnes déjà connectées le restent.",
            "Sign-in attempts cannot be counted. Try again in a moment; whoever is signed in stays so.",
        )
        .caused_by(error)
}
