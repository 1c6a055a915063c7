//! Whether an account's audit log is whole: every number there, every row as Muster wrote it, each behind the one before.
//!
//! What is cleared away by its term is behind a base that Muster has signed. Rows of before there was a chain are no part of it; neither is what is newer than the head that was
//! there when the reading began. That the newest rows were taken away together with the head shows only to whoever has noted a later head ([`Head`]).

use std::collections::VecDeque;

use entity::audit_chain;
use entity::audit_event::{Column, Entity, Model};
use entity::rows::Row;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::finding::{Finding, Head, Report};
use crate::app::App;
use crate::command::chain::{LABEL, link, text_of, text_of_base};
use crate::error::Result;
use crate::platform::stamp::{Stamp, Stamped, judge};

/// Rows read at once.
const AT_ONCE: u64 = 1_000;
/// How far behind itself a row's writer may have seen the chain, to be compared: whoever waits for an account is behind by what was written meanwhile.
const REMEMBERED: usize = 65_536;
/// What is told, one by one.
const MOST_FINDINGS: usize = 100;

/// Looks through an account's log. What was noted of it earlier is looked for.
pub async fn verify(app: &App, account_id: Uuid, expected: Option<&Head>) -> Result<Report> {
    let mut chain = chain_of(app, account_id).await?;
    loop {
        let report = look_through(app, account_id, chain.as_ref(), expected).await?;
        let now = chain_of(app, account_id).await?;
        let base = |chain: Option<&audit_chain::Model>| chain.map(|chain| chain.base_seq);
        if report.findings.is_empty() || base(now.as_ref()) == base(chain.as_ref()) {
            return Ok(report);
        }
        // Rows were cleared away meanwhile.
        chain = now;
    }
}

async fn chain_of(app: &App, account_id: Uuid) -> Result<Option<audit_chain::Model>> {
    let found = audit_chain::Entity::find_by_id((account_id, account_id));
    Ok(found.one(app.reader()).await?)
}

async fn look_through(
    app: &App,
    account_id: Uuid,
    chain: Option<&audit_chain::Model>,
    expected: Option<&Head>,
) -> Result<Report> {
    let stamps = app.secrets().stamps(LABEL)?;
    let mut reading = Reading::new(&stamps, chain, expected);
    let end = chain.map_or(i64::MAX, |chain| chain.seq);
    loop {
        let rows = Entity::find()
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::Seq.gt(reading.last))
            .filter(Column::Seq.lte(end))
            .order_by_asc(Column::Seq)
            .limit(AT_ONCE)
            .into_model::<Row<Model>>()
            .all(app.reader())
            .await?;
        if rows.is_empty() {
            break;
        }
        for Row(row) in &rows {
            reading.read(row);
        }
    }
    let unchained = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Seq.is_null());
    if let Some(chain) = chain {
        let forged = unchained.clone().filter(Column::OccurredAt.gte(chain.begun_at));
        let forged = forged
            .order_by_asc(Column::Id)
            .limit(AT_ONCE)
            .all(app.reader())
            .await?;
        for row in forged {
            reading.find(Finding::OutsideTheChain(row.id));
        }
    }
    let unchained = unchained.count(app.reader()).await?;
    Ok(reading.close(unchained))
}

/// A reading under way, from the front to the end.
struct Reading<'a> {
    stamps: &'a [Stamp],
    chain: Option<&'a audit_chain::Model>,
    expected: Option<&'a Head>,
    /// The number that was read last.
    last: i64,
    /// The hash there; none behind a hole.
    hash: Option<Vec<u8>>,
    /// Hashes before and at the last number; none where there is a hole.
    seen: VecDeque<Option<Vec<u8>>>,
    events: u64,
    findings: Vec<Finding>,
    more: usize,
    is_expected_found: bool,
}

impl<'a> Reading<'a> {
    fn new(stamps: &'a [Stamp], chain: Option<&'a audit_chain::Model>, expected: Option<&'a Head>) -> Self {
        let base = chain.map_or(0, |chain| chain.base_seq);
        let hash = chain.and_then(|chain| chain.base_hash.clone());
        let mut reading = Self {
            stamps,
            chain,
            expected,
            last: base,
            hash: hash.clone(),
            seen: VecDeque::from([hash]),
            events: 0,
            findings: Vec::new(),
            more: 0,
            is_expected_found: false,
        };
        if !reading.is_base_ours() {
            reading.find(Finding::Base);
        }
        reading
    }

    fn is_base_ours(&self) -> bool {
        let Some(chain) = self.chain.filter(|chain| chain.base_seq != 0) else {
            return true;
        };
        let (Some(hash), Some(code)) = (&chain.base_hash, &chain.base_code) else {
            return false;
        };
        let text = text_of_base(chain.account_id, chain.base_seq, hash);
        judge(self.stamps, &text, code) == Stamped::Genuine
    }

    fn find(&mut self, finding: Finding) {
        match self.findings.len() < MOST_FINDINGS {
            true => self.findings.push(finding),
            false => self.more += 1,
        }
    }

    fn remember(&mut self, hash: Option<Vec<u8>>) {
        self.seen.push_back(hash);
        if self.seen.len() > REMEMBERED {
            self.seen.pop_front();
        }
    }

    fn read(&mut self, row: &Model) {
        let seq = row.seq.unwrap_or_default();
        self.events += 1;
        if seq > self.last + 1 {
            self.find(Finding::Missing(self.last + 1, seq - 1));
            // A hole is as long as somebody says; nothing before it is behind the next row.
            self.seen.clear();
            self.hash = None;
        }
        let is_behind_a_hole = self.seen.is_empty();
        let code = row.code.as_deref().unwrap_or_default();
        match judge(self.stamps, &text_of(row), code) {
            Stamped::Genuine => {
                if !self.is_seen(row, seq) {
                    self.find(Finding::HasSeenAnother(seq, row.id));
                }
            }
            Stamped::Forged => self.find(Finding::Changed(seq, row.id)),
            Stamped::UnderAnotherKey => self.find(Finding::UnderAnotherKey(seq, row.id)),
        }
        let follows = row.hash.as_deref() == Some(&link(self.hash.as_deref(), row.code.as_deref())[..]);
        if !follows && !is_behind_a_hole {
            self.find(Finding::DoesNotFollow(seq, row.id));
        }
        if self
            .expected
            .is_some_and(|head| head.seq == seq && Some(&head.hash) == row.hash.as_ref())
        {
            self.is_expected_found = true;
        }
        self.hash.clone_from(&row.hash);
        self.remember(row.hash.clone());
        self.last = seq;
    }

    /// Whether the chain is the one that the row's writer had seen, as far as it is remembered.
    fn is_seen(&self, row: &Model, seq: i64) -> bool {
        let Some(seen_seq) = row.seen_seq else {
            return true;
        };
        if seen_seq >= seq {
            return false;
        }
        let back = usize::try_from(self.last - seen_seq).unwrap_or(usize::MAX);
        let place = self
            .seen
            .len()
            .checked_sub(1)
            .and_then(|end| end.checked_sub(back));
        match place.and_then(|place| self.seen.get(place)) {
            Some(Some(hash)) => Some(hash) == row.seen_hash.as_ref(),
            Some(None) | None => true,
        }
    }

    fn close(mut self, unchained: u64) -> Report {
        let base = self.chain.map_or(0, |chain| chain.base_seq);
        match self.chain {
            Some(chain) if chain.seq > self.last => {
                self.find(Finding::MissingAtTheEnd(self.last + 1, chain.seq));
            }
            Some(chain) if self.hash.as_ref() != Some(&chain.hash) => self.find(Finding::Head),
            None if self.events > 0 => self.find(Finding::Head),
            _ => {}
        }
        if let Some(head) = self.expected {
            // What was cleared away is not there to be compared with.
            let is_base =
                head.seq == base && self.chain.and_then(|chain| chain.base_hash.as_ref()) == Some(&head.hash);
            if !self.is_expected_found && !is_base && head.seq >= base {
                self.find(Finding::Expected(head.seq));
            }
        }
        Report {
            events: self.events,
            unchained,
            base,
            head: self.chain.map(|chain| Head {
                seq: chain.seq,
                hash: chain.hash.clone(),
            }),
            findings: self.findings,
            more: self.more,
        }
    }
}
