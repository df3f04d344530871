//! `spin:variables@3.0.0`: a component reads its own variables and no others.

use wasmtime::Result;
use wasmtime::component::{Accessor, HasSelf};

use super::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use crate::state::State;
use crate::variables::Absence;

impl Host for State {}

impl<T: Send> HostWithStore<T> for HasSelf<State> {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> Result<Result<String, Error>> {
        let surroundings = accessor.with(|mut access| access.get().surroundings.clone());
        Ok(match surroundings.variables.get(&name) {
            Ok(value) => Ok(value.to_owned()),
            Err(Absence::InvalidName(reason)) => Err(Error::InvalidName(reason)),
            Err(Absence::Undefined(reason)) => Err(Error::Undefined(reason)),
        })
    }
}
