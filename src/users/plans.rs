//! What is to be done about each entry of a list, all of them together: entries of one e-mail are one person, and an external id is given once.

use std::collections::HashMap;

use super::invite_plan::{InvitePlan, contradiction, judge, kept, refuse_foreign, refuse_unsendable};
use super::invitee::{Invitee, Kept};
use super::known::Directory;
use crate::command::Work;
use crate::directory::domains::owned_by_others;
use crate::error::Result;

/// What is to be done about each entry.
pub struct Plans {
    pub each: Vec<InvitePlan>,
    /// The line that told of the same person before.
    pub again: Vec<Option<u32>>,
    /// What each says otherwise of somebody known.
    pub kept: Vec<Vec<Kept>>,
    /// The addresses that are to be added of people who were removed.
    pub removed: Vec<String>,
}

impl Plans {
    /// Looks at everybody with two statements, however many there are. `earlier` are those whom the same file has told of before, and who came in by it.
    pub async fn of(
        work: &Work,
        entries: &[Invitee],
        earlier: &[Invitee],
        send_now: bool,
        only_new: bool,
    ) -> Result<Self> {
        let account_id = work.account_id()?;
        let account = work.account(account_id).await?;
        let mut known = Directory::look(work, account_id, entries).await?;
        let domains = entries.iter().map(|entry| entry.email.domain());
        let foreign = owned_by_others(work, account_id, domains).await?;
        let mut all = Self {
            each: Vec::with_capacity(entries.len()),
            again: Vec::with_capacity(entries.len()),
            kept: Vec::with_capacity(entries.len()),
            removed: Vec::new(),
        };
        // Who came in by which entry; those of earlier ones are known to the account by now.
        let earlier = earlier.iter().map(|first| (first.email.key(), (first, None)));
        let mut came_in: HashMap<&str, (&Invitee, Option<usize>)> = earlier.collect();
        for (place, entry) in entries.iter().enumerate() {
            let email_key = entry.email.key();
            let first = came_in.get(email_key).copied();
            let there = known.by_email.get(email_key);
            all.kept
                .push(there.map(|there| kept(entry, there)).unwrap_or_default());
            all.again
                .push(first.and_then(|(first, _)| first.told).map(|told| told.line));
            if let Some(refusal) = first.and_then(|(first, _)| contradiction(first, entry)) {
                all.each.push(InvitePlan::Refuse(refusal));
                continue;
            }
            if let Some((_, Some(first))) = first {
                all.each.push(InvitePlan::Join(first));
                continue;
            }
            let plan = judge(
                entry,
                work.actor(),
                &account,
                there,
                work.now(),
                &known.external_ids,
                send_now && !only_new,
            );
            let plan = refuse_foreign(plan, entry, &foreign);
            let plan = refuse_unsendable(plan, entry, send_now && work.app().mailer().lacks_utf8());
            if plan == InvitePlan::Add {
                if let Some(external_id) = &entry.external_id {
                    known
                        .external_ids
                        .insert(external_id.clone(), email_key.to_owned());
                }
                all.removed.extend(known.removed.take(email_key));
            }
            if !matches!(plan, InvitePlan::Refuse(_)) {
                came_in.entry(email_key).or_insert((entry, Some(place)));
            }
            all.each.push(plan);
        }
        Ok(all)
    }
}
