//! The books afterwards: every row, person, seat, mail and event exactly once.

use std::collections::HashSet;

use entity::{
    account, assignment, import, import_event, import_row, invitation, job, mail, subscription, user,
};
use muster::access::{Action, Actor};
use muster::command::{Command, Work};
use muster::error::Result;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::site::{PEOPLE, Site, eventually};

/// Lets the leases of mails run out, as five minutes would: whoever held them is dead.
#[derive(Debug)]
struct ForgetMailLeases;

impl Command for ForgetMailLeases {
    type Output = ();
    const NAME: &'static str = "test.forget_mail_leases";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let forgotten = mail::Entity::update_many()
            .col_expr(mail::Column::LeaseUntil, Expr::value(work.now()))
            .filter(mail::Column::Status.eq(mail::Status::Ready))
            .filter(mail::Column::LeaseUntil.is_not_null());
        work.update(forgotten).await?;
        Ok(())
    }
}

/// Waits for the end, then holds everything in the database against everything else.
pub async fn assert_exactly_once(site: &Site, imports: &[Uuid]) {
    let db = site.app.reader();
    for id in imports {
        eventually("the import ends", async || site.has_ended(*id).await).await;
        let import = site.look(*id).await;
        assert_eq!(import.status, import::Status::SucceededWithErrors);
        let total = i32::try_from(PEOPLE).unwrap();
        assert_eq!((import.processed, import.total), (total, Some(total)));
        assert_eq!(import.succeeded + import.failed + import.skipped, total);
        assert_eq!(import.outcomes.0.values().sum::<i32>(), total);

        let rows = import_row::Entity::find().filter(import_row::Column::ImportId.eq(*id));
        let rows = rows.all(db).await.unwrap();
        assert_eq!(rows.len(), PEOPLE);
        assert_eq!(
            rows.iter().map(|row| row.line).collect::<HashSet<_>>().len(),
            PEOPLE
        );
        let failed = rows
            .iter()
            .filter(|row| row.outcome == import_row::RowOutcome::Failed)
            .count();
        assert_eq!(failed, usize::try_from(import.failed).unwrap());
        let expected: usize = muster::demo::EXPECTED_FAILURES.iter().map(|slip| slip.rows).sum();
        assert_eq!(failed, expected, "as many rows fail as without a crash");

        assert_events_in_sequence(site, &import).await;
    }
    let jobs = job::Entity::find().all(db).await.unwrap();
    assert_eq!(jobs.len(), imports.len());
    assert!(jobs.iter().all(|job| job.status == job::Status::Done), "{jobs:?}");

    let users = user::Entity::find().all(db).await.unwrap();
    let emails: HashSet<&str> = users.iter().map(|user| user.email_key.as_str()).collect();
    assert_eq!(emails.len(), users.len());
    let account = account::Entity::find().one(db).await.unwrap().unwrap();
    let pending = users
        .iter()
        .filter(|user| user.status == user::Status::Pending)
        .count();
    let counted = (account.users_active, account.users_pending, account.users_staged);
    assert_eq!(counted, (1, i32::try_from(pending).unwrap(), 0));
    assert_eq!(pending + 1, users.len());
    for found in subscription::Entity::find().all(db).await.unwrap() {
        let held = assignment::Entity::find().filter(assignment::Column::SubscriptionId.eq(found.id));
        let held = i32::try_from(held.count(db).await.unwrap()).unwrap();
        assert!(held > 1_000);
        assert_eq!((found.seats_used, found.seats_reserved), (held, held));
    }

    site.app.run(&Actor::Platform, ForgetMailLeases).await.unwrap();
    eventually("the mails are sent", async || {
        let ready = mail::Entity::find().filter(mail::Column::Status.eq(mail::Status::Ready));
        ready.count(db).await.unwrap() == 0
    })
    .await;
    let mails = mail::Entity::find().all(db).await.unwrap();
    assert!(mails.iter().all(|mail| mail.status == mail::Status::Sent));
    let keys: HashSet<&str> = mails.iter().map(|mail| mail.key.as_str()).collect();
    assert_eq!(keys.len(), mails.len());
    let invitations = mails.iter().filter(|mail| mail.kind == "invitation");
    let invited: HashSet<&str> = invitations.clone().map(|mail| mail.to_address.as_str()).collect();
    assert_eq!((invitations.count(), invited.len()), (pending, pending));
    let finished = mails.iter().filter(|mail| mail.kind == "import_finished").count();
    assert_eq!(finished, imports.len());
    let files: HashSet<String> = std::fs::read_dir(site.folder.path().join("mail"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let expected: HashSet<String> = mails.iter().map(|mail| format!("{}.eml", mail.id)).collect();
    assert!(
        files == expected,
        "{} files, {} mails",
        files.len(),
        expected.len()
    );
}

async fn assert_events_in_sequence(site: &Site, import: &import::Model) {
    let events = import_event::Entity::find()
        .filter(import_event::Column::ImportId.eq(import.id))
        .order_by_asc(import_event::Column::Sequence);
    let events = events.all(site.app.reader()).await.unwrap();
    let sequences: Vec<i32> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (1..=import.sequence).collect::<Vec<_>>());
}

/// Everything that was given is taken back: every row once, and nothing of it is left.
pub async fn assert_taken_back(site: &Site, imports: &[Uuid]) {
    let db = site.app.reader();
    let total = i32::try_from(PEOPLE).unwrap();
    for id in imports {
        let import = site.look(*id).await;
        assert_eq!(import.status, import::Status::Succeeded);
        assert_eq!((import.processed, import.succeeded), (total, total));
        let undo = import.undo.as_ref().unwrap();
        assert_eq!((undo.processed, undo.undone, undo.left), (total, total, 0));
        let rows = import_row::Entity::find().filter(import_row::Column::ImportId.eq(*id));
        let undone = rows.filter(import_row::Column::Undo.eq(import_row::RowUndo::Undone));
        assert_eq!(undone.count(db).await.unwrap(), u64::try_from(PEOPLE).unwrap());
        assert_events_in_sequence(site, &import).await;
    }
    let jobs = job::Entity::find().all(db).await.unwrap();
    assert_eq!(jobs.len(), 2 * imports.len());
    assert!(jobs.iter().all(|job| job.status == job::Status::Done), "{jobs:?}");

    let users = user::Entity::find().all(db).await.unwrap();
    assert_eq!(users.len(), 1 + PEOPLE * imports.len());
    let there = users.iter().filter(|user| user.status != user::Status::Removed);
    assert_eq!(there.count(), 1);
    let account = account::Entity::find().one(db).await.unwrap().unwrap();
    let counted = (account.users_active, account.users_pending, account.users_staged);
    assert_eq!(counted, (1, 0, 0));
    assert_eq!(assignment::Entity::find().count(db).await.unwrap(), 0);
    for found in subscription::Entity::find().all(db).await.unwrap() {
        assert_eq!((found.seats_used, found.seats_reserved), (0, 0));
    }
    let offered =
        invitation::Entity::find().filter(invitation::Column::Status.eq(invitation::Status::Pending));
    assert_eq!(offered.count(db).await.unwrap(), 0);
    let mails = mail::Entity::find().all(db).await.unwrap();
    let keys: HashSet<&str> = mails.iter().map(|mail| mail.key.as_str()).collect();
    assert_eq!(keys.len(), mails.len());
}
