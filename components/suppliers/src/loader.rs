//! One call to the catalogue for each level of a query: the products that its fields ask for at the same time
//! are gathered and asked for at once, and each product is asked for once.
//!
//! There is no clock in it. Every field that wants a product says so when it is first polled, and yields; the
//! call is made when a whole round has brought nothing new. All of it happens inside one request, which is one
//! task.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context as TaskContext, Poll};

use commerce::ItemId;
use futures_util::future::{BoxFuture, FutureExt, Shared};
use service::{Context, Problem};

use crate::catalog::{AT_ONCE, Catalog, Product};

/// How products are read: the catalogue, or a test.
pub trait Source: Clone + Send + Sync + 'static {
    fn read(
        self,
        ids: Vec<ItemId>,
    ) -> impl Future<Output = Result<Vec<Product>, Problem>> + Send + 'static;
}

/// The catalogue, for one request.
#[derive(Clone)]
pub struct OfCatalog {
    pub catalog: Catalog,
    pub context: Context,
}

impl Source for OfCatalog {
    async fn read(self, ids: Vec<ItemId>) -> Result<Vec<Product>, Problem> {
        self.catalog.find_many(&self.context, &ids).await
    }
}

/// The products of a request.
pub struct Loader<S> {
    source: S,
    state: Mutex<State>,
}

type Batch = Shared<BoxFuture<'static, Result<(), Arc<Problem>>>>;

#[derive(Default)]
struct State {
    /// What was asked for, and is in no call yet.
    wanted: BTreeSet<ItemId>,
    /// How often something was asked for that was new.
    news: u64,
    /// The call that a product is in.
    calls: HashMap<ItemId, Batch>,
    found: Arc<Mutex<HashMap<ItemId, Product>>>,
}

impl<S: Source> Loader<S> {
    pub fn new(source: S) -> Self {
        Self {
            source,
            state: Mutex::default(),
        }
    }

    /// The product, if there is one.
    pub async fn load(&self, id: ItemId) -> Result<Option<Product>, Arc<Problem>> {
        let mut seen = self.want(id);
        let call = loop {
            yield_once().await;
            let mut state = self.lock();
            if let Some(call) = state.calls.get(&id) {
                break call.clone();
            }
            if state.news == seen {
                break self.begin(&mut state, id);
            }
            seen = state.news;
        };
        call.await?;
        let found = Arc::clone(&self.lock().found);
        let found = lock(&found).get(&id).cloned();
        Ok(found)
    }

    /// Products that came another way, so that they need not be asked for.
    pub fn put(&self, products: &[Product]) {
        let mut state = self.lock();
        let ready: BoxFuture<'static, _> = async { Ok(()) }.boxed();
        let ready = ready.shared();
        for product in products {
            state.calls.insert(product.id, ready.clone());
            lock(&state.found).insert(product.id, product.clone());
        }
    }

    fn want(&self, id: ItemId) -> u64 {
        let mut state = self.lock();
        if !state.calls.contains_key(&id) && state.wanted.insert(id) {
            state.news += 1;
        }
        state.news
    }

    /// Begins a call for what is wanted, `id` among it.
    fn begin(&self, state: &mut State, id: ItemId) -> Batch {
        state.wanted.remove(&id);
        let mut ids = vec![id];
        while ids.len() < AT_ONCE
            && let Some(next) = state.wanted.pop_first()
        {
            ids.push(next);
        }
        let (source, found) = (self.source.clone(), Arc::clone(&state.found));
        let asked = ids.clone();
        let call: BoxFuture<'static, Result<(), Arc<Problem>>> = async move {
            let products = source.read(asked).await.map_err(Arc::new)?;
            lock(&found).extend(products.into_iter().map(|product| (product.id, product)));
            Ok(())
        }
        .boxed();
        let call = call.shared();
        for id in ids {
            state.calls.insert(id, call.clone());
        }
        call
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// Nothing panics while it holds one of these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets the other fields of the request have their turn.
fn yield_once() -> impl Future<Output = ()> {
    struct Once(bool);
    impl Future for Once {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<()> {
            if self.0 {
                return Poll::Ready(());
            }
            self.0 = true;
            task.waker().wake_by_ref();
            Poll::Pending
        }
    }
    Once(false)
}

#[cfg(test)]
mod tests {
    use commerce::{CategoryId, Money, Timestamp, UserId};
    use futures_util::future::{join, join_all};

    use super::*;

    /// Has every product but the one of id 0, and remembers its calls.
    #[derive(Clone, Default)]
    struct Shelf(Arc<Mutex<Vec<usize>>>);

    fn id(number: u16) -> ItemId {
        let [high, low] = number.to_be_bytes();
        let mut bytes = [0; 16];
        bytes[14] = high;
        bytes[15] = low;
        ItemId::from_bytes(bytes)
    }

    fn product(id: ItemId) -> Product {
        Product {
            id,
            sku: None,
            name: id.to_string(),
            description: String::new(),
            category_id: CategoryId::from_bytes([1; 16]),
            seller_id: UserId::from_bytes([1; 16]),
            supplier_id: None,
            price: Money::eur(1),
            on_hand: 1,
            available: 1,
            stock_minimum: 0,
            stock_maximum: None,
            updated_at: Timestamp::from_unix_ms(0),
        }
    }

    impl Source for Shelf {
        async fn read(self, ids: Vec<ItemId>) -> Result<Vec<Product>, Problem> {
            lock(&self.0).push(ids.len());
            yield_once().await;
            let known = ids.into_iter().filter(|known| *known != id(0));
            Ok(known.map(product).collect())
        }
    }

    #[test]
    fn a_level_is_one_call_however_its_fields_are_nested() {
        let shelf = Shelf::default();
        let loader = Loader::new(shelf.clone());
        let group =
            |numbers: std::ops::Range<u16>| join_all(numbers.map(|number| loader.load(id(number))));
        // More than thirty are polled a few at a time, and the groups in turn.
        let groups = join_all([group(1..80), group(40..45), group(100..180)]);
        let loaded = join(groups, loader.load(id(0))).now_or_never();
        // Nothing here waits for anything outside: but a future that yields is not ready at once.
        assert!(loaded.is_none());
        let groups = join_all([group(1..80), group(40..45), group(100..180)]);
        let (groups, nothing) = block_on(join(groups, loader.load(id(0))));
        assert_eq!(nothing.unwrap(), None);
        for found in groups.into_iter().flatten() {
            assert!(found.unwrap().is_some());
        }
        assert_eq!(*lock(&shelf.0), [160]);
    }

    #[test]
    fn what_is_known_is_not_asked_for_again() {
        let shelf = Shelf::default();
        let loader = Loader::new(shelf.clone());
        loader.put(&[product(id(1))]);
        assert!(block_on(loader.load(id(1))).unwrap().is_some());
        assert!(block_on(loader.load(id(2))).unwrap().is_some());
        assert!(block_on(loader.load(id(2))).unwrap().is_some());
        assert_eq!(*lock(&shelf.0), [1]);
    }

    #[test]
    fn more_than_a_call_takes_are_several_calls() {
        let shelf = Shelf::default();
        let loader = Loader::new(shelf.clone());
        block_on(join_all((1..=450).map(|number| loader.load(id(number)))));
        assert_eq!(*lock(&shelf.0), [200, 200, 50]);
    }

    /// Polls until it is ready; everything here wakes itself.
    fn block_on<F: Future>(future: F) -> F::Output {
        let mut future = std::pin::pin!(future);
        let mut task = TaskContext::from_waker(std::task::Waker::noop());
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
                return output;
            }
        }
    }
}
