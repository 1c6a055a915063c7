//! Whether an account's audit log is whole: every number there, every row as Muster wrote it, each behind the one before.
//!
//! What is cleared away by its term is behind a base that Muster has signed. Rows of before there was a chain are no part of it; neither is what is newer than the head that was
//! there when the reading began. That the newest rows were taken away together with the head shows only to whoever has noted a later head ([`Head`]).

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use entity::audit_chain;
use entity::audit_event::{Column, Entity, Model};
use entity::ids::Kind;
use entity::rows::Row;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::command::chain::{LABEL, link, text_of, text_of_base};
use crate::error::{Error, Result};
use crate::platform::stamp::{Stamp, Stamped, judge};

/// Rows read at once.
const AT_ONCE: u64 = 1_000;
/// How far behind itself a row's writer may have seen the chain, to be compared: whoever waits for an account is behind by what was written meanwhile.
const REMEMBERED: usize = 65_536;
/// What is told, one by one.
const MOST_FINDINGS: usize = 100;

/// A place of a chain, as it can be noted elsewhere: `812:5f0c…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: Vec<u8>,
}

/// Something that is not as Muster left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// From the first to the last of these.
    Missing(i64, i64),
    /// From the first to the last, and none behind them.
    MissingAtTheEnd(i64, i64),
    Changed(i64, Uuid),
    /// Its code is under a master key that is not configured.
    UnderAnotherKey(i64, Uuid),
    /// Numbers or hashes were written anew.
    DoesNotFollow(i64, Uuid),
    /// Whoever wrote it had seen another chain.
    HasSeenAnother(i64, Uuid),
    /// It has no number, though there was a chain when it is said to have occurred.
    OutsideTheChain(Uuid),
    /// What is said to have been cleared away was not, or not by Muster.
    Base,
    /// The head is not that of the last row, or there is none.
    Head,
    /// There is no such place in it any more as was noted.
    Expected(i64),
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Rows that were read.
    pub events: u64,
    /// Rows from before there was a chain.
    pub unchained: u64,
    /// The last number that was cleared away.
    pub base: i64,
    /// Where the chain ends; none where nothing was ever written.
    pub head: Option<Head>,
    /// The first of them.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub more: usize,
}

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

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.seq)?;
        self.hash
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl FromStr for Head {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::BadInput("A head is written as verify-audit prints it: 812:5f0c…".into());
        let (seq, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let seq = seq.parse().map_err(|_| wrong())?;
        let byte = |pair: &[u8]| {
            let digits = std::str::from_utf8(pair).ok().filter(|_| pair.len() == 2);
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())
        };
        let hash: Option<Vec<u8>> = hash.as_bytes().chunks(2).map(byte).collect();
        match hash.filter(|hash| hash.len() == 32) {
            Some(hash) => Ok(Self { seq, hash }),
            None => Err(wrong()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |id: &Uuid| Kind::AuditEvent.text(*id);
        let range = |from: &i64, to: &i64| match from == to {
            true => format!("event {from} is"),
            false => format!("events {from} to {to} are"),
        };
        match self {
            Self::Missing(from, to) => write!(formatter, "{} missing", range(from, to)),
            Self::MissingAtTheEnd(from, to) => write!(formatter, "{} missing at the end", range(from, to)),
            Self::Changed(seq, id) => {
                write!(formatter, "event {seq} ({}) is not as Muster wrote it", name(id))
            }
            Self::UnderAnotherKey(seq, id) => write!(
                formatter,
                "event {seq} ({}) was written under a master key that is not configured (MUSTER_FORMER_SECRET_KEYS)",
                name(id)
            ),
            Self::DoesNotFollow(seq, id) => write!(
                formatter,
                "event {seq} ({}) does not follow from the one before it",
                name(id)
            ),
            Self::HasSeenAnother(seq, id) => write!(
                formatter,
                "event {seq} ({}) was written behind other events than stand before it",
                name(id)
            ),
            Self::OutsideTheChain(id) => write!(formatter, "event {} stands outside the chain", name(id)),
            Self::Base => write!(
                formatter,
                "what is said to have been cleared away was not by Muster"
            ),
            Self::Head => write!(formatter, "the head of the chain is not that of the last event"),
            Self::Expected(seq) => write!(
                formatter,
                "the head that was noted at event {seq} is not in the chain"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Head};

    #[test]
    fn a_head_is_read_as_it_is_written_and_nothing_else_is() {
        let head = Head {
            seq: 812,
            hash: (0..32).collect(),
        };
        let text = head.to_string();
        assert!(text.starts_with("812:000102"), "{text}");
        assert_eq!(text.parse::<Head>().unwrap(), head);
        let short = &text[..text.len() - 2];
        let odd = &text[..text.len() - 1];
        for wrong in [
            "",
            "812",
            "812:",
            ":00",
            "x:00",
            "812:zz",
            short,
            odd,
            &format!("{text}ü"),
        ] {
            assert!(wrong.parse::<Head>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_is_told_of_as_one_and_several_as_a_range() {
        assert_eq!(Finding::Missing(7, 7).to_string(), "event 7 is missing");
        assert_eq!(
            Finding::MissingAtTheEnd(7, 9).to_string(),
            "events 7 to 9 are missing at the end"
        );
    }
}
