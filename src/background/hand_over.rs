//! Mails that are sent by the process that wrote them, without a look into the database in between.
//!
//! A few mails at a time are leased to this process in the transaction that writes them, and handed to its loop once that is durable. Nobody has to
//! find and claim them. They and what is claimed by turns go out alternately.
//! What is not sent in time, because the process died or has too much in hand, becomes due when its lease runs out.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Duration, Utc};
use entity::mail;
use sea_orm::DatabaseBackend;
use tokio::sync::{Mutex, mpsc};
use uuid::Uuid;

use super::delivery::lease_for;
use crate::app::{App, Shared};
use crate::command::Work;

/// Mails of one command that are handed over. Who writes more has them sent by turns.
const MOST_OF_ONE: usize = 4;
/// Mails that wait in the process.
const MOST: usize = 256;
/// Commands may commit at the same time as this one, and each brings some.
const LEFT_FREE: usize = 128;
/// How long a mail may wait in the process.
const WAITS: Duration = Duration::seconds(30);

/// What waits in this process.
#[derive(Debug)]
pub struct HandOver {
    sender: mpsc::Sender<mail::Model>,
    receiver: Mutex<mpsc::Receiver<mail::Model>>,
    /// Whether this process sends mails, and goes on doing so.
    is_open: AtomicBool,
}

/// What a mail that is handed over is written with.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    pub token: Uuid,
    pub until: DateTime<Utc>,
}

impl Shared for HandOver {
    fn start(_: &App) -> Self {
        let (sender, receiver) = mpsc::channel(MOST);
        Self {
            sender,
            receiver: Mutex::new(receiver),
            is_open: AtomicBool::new(false),
        }
    }
}

impl HandOver {
    pub fn open(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// A lease for as many mails, if they can be handed over. On SQLite they would gain nothing: a look is a call there.
    pub fn lease(&self, work: &Work, mails: usize) -> Option<Lease> {
        let has_room = mails <= MOST_OF_ONE && self.sender.capacity() > LEFT_FREE;
        let is_open = self.is_open.load(Ordering::Relaxed);
        (has_room && is_open && work.backend() == DatabaseBackend::Postgres).then(|| Lease {
            token: Uuid::new_v4(),
            until: work.now() + WAITS + lease_for(work.app()),
        })
    }

    /// Hands over those of the mails that were written: the others were told before.
    pub fn offer(&self, mails: Vec<mail::Model>, written: &HashSet<Uuid>) {
        for mail in mails.into_iter().filter(|mail| written.contains(&mail.id)) {
            // Where there is no room after all, it becomes due when its lease runs out.
            if self.sender.try_send(mail).is_err() {
                return;
            }
        }
    }

    /// The next one whose lease lasts for as long as sending it may take.
    pub async fn next(&self, app: &App) -> mail::Model {
        let mut receiver = self.receiver.lock().await;
        loop {
            match receiver.recv().await {
                Some(mail) if lasts(app, &mail) => return mail,
                Some(_) => {}
                // The sender is ours.
                None => std::future::pending().await,
            }
        }
    }

    /// The same, if it is there.
    pub fn next_now(&self, app: &App) -> Option<mail::Model> {
        let mut receiver = self.receiver.try_lock().ok()?;
        std::iter::from_fn(|| receiver.try_recv().ok()).find(|mail| lasts(app, mail))
    }

    /// Takes nothing more, and answers what waited.
    pub async fn close(&self) -> Vec<mail::Model> {
        self.is_open.store(false, Ordering::Relaxed);
        let mut receiver = self.receiver.lock().await;
        let mut waited = Vec::new();
        while let Ok(mail) = receiver.try_recv() {
            waited.push(mail);
        }
        waited
    }
}

fn lasts(app: &App, mail: &mail::Model) -> bool {
    mail.lease_until >= Some(app.clock().now() + lease_for(app))
}

/// The one of this process.
pub fn of(app: &App) -> Arc<HandOver> {
    app.shared::<HandOver>()
}
