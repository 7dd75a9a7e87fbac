//! Owns the way to what the store keeps of web hooks. The store lives on a thread of its own; this only asks it.

use tokio::sync::oneshot;

use crate::store::{Hooks, StoreError};

/// Gets the hooks of the store.
pub type Errand = Box<dyn FnOnce(&mut dyn Hooks) + Send>;

/// Whoever has the store: carries out what is wished, one errand after the other, on its own thread. One that can not be carried out any more is
/// dropped.
pub trait Books: Send + Sync + 'static {
    fn run(&self, errand: Errand);
}

/// Asks and gives the way to the answer.
pub fn ask<T: Send + 'static>(
    books: &dyn Books,
    work: impl FnOnce(&mut dyn Hooks) -> Result<T, StoreError> + Send + 'static,
) -> oneshot::Receiver<Result<T, StoreError>> {
    let (reply, answer) = oneshot::channel();
    // Whoever asked may have gone away meanwhile.
    books.run(Box::new(move |hooks| drop(reply.send(work(hooks)))));
    answer
}

/// What was answered; an errand that was dropped is a store that is no more.
pub fn answered<T>(answer: Result<Result<T, StoreError>, oneshot::error::RecvError>) -> Result<T, StoreError> {
    answer.unwrap_or_else(|_| Err(StoreError::Unavailable("the store's thread has ended".into())))
}
