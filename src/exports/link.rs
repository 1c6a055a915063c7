//! Links to the files of exports: made anew whenever one is asked for, good for five minutes, and noted in the audit log.

use chrono::Duration;
use entity::ids::Kind;
use uuid::Uuid;

use super::read::Export;
use super::run::{content_type, extension, word};
use crate::access::Action;
use crate::accounts::Account;
use crate::command::{Command, Work};
use crate::error::{Error, Result};
use crate::imports::report_link::DownloadLink;
use crate::platform::storage::Key;
use crate::read::Scope;

/// How long a link is good.
const LINK_LIFETIME: Duration = Duration::minutes(5);

/// Notes who is given a link, before it is made.
#[derive(Debug)]
struct GiveLinks {
    exports: Vec<Uuid>,
}

impl Command for GiveLinks {
    type Output = ();
    const NAME: &'static str = "exports.download";

    fn action(&self) -> Action {
        Action::ReadReports
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        for id in self.exports {
            work.touch(Kind::Export.text(id));
        }
        Ok(())
    }
}

/// A link to the file of each export, for whoever asked for it while it is kept; nobody else is given one, and there is none before the file is whole.
pub async fn downloads(scope: &Scope, exports: &[Export]) -> Result<Vec<Option<DownloadLink>>> {
    let Some(reader) = scope.actor().person().map(|person| person.user_id) else {
        return Ok(vec![None; exports.len()]);
    };
    let now = scope.app().clock().now();
    let is_offered =
        |export: &Export| export.is_of(reader) && export.file_kept_until().is_some_and(|until| now < until);
    let offered: Vec<bool> = exports.iter().map(is_offered).collect();
    if !offered.contains(&true) {
        return Ok(vec![None; exports.len()]);
    }
    let given = exports
        .iter()
        .zip(&offered)
        .filter(|(_, is_offered)| **is_offered);
    let exports_given = given.map(|(export, _)| export.0.id).collect();
    scope
        .run(GiveLinks {
            exports: exports_given,
        })
        .await?;
    let account = Account::own(scope).await?;
    let slug = account
        .map(|Account(profile)| profile.slug.clone())
        .unwrap_or_default();
    let mut links = Vec::with_capacity(exports.len());
    for (export, is_offered) in exports.iter().zip(offered) {
        links.push(match is_offered {
            true => Some(link(scope, export, &slug).await?),
            false => None,
        });
    }
    Ok(links)
}

async fn link(scope: &Scope, export: &Export, slug: &str) -> Result<DownloadLink> {
    let row = &export.0;
    let key = Key::parse(row.object_key.as_deref().unwrap_or_default())?;
    let filename = format!(
        "{slug}-{}-{}.{}",
        word(row.kind),
        row.created_at.date_naive(),
        extension(row.format)
    );
    let lifetime = LINK_LIFETIME.to_std().map_err(Error::internal)?;
    let made = scope
        .app()
        .storage()
        .presign_get(&key, &filename, content_type(row.format), lifetime);
    let (url, expires_at) = made.await?;
    Ok(DownloadLink {
        url,
        filename,
        byte_size: i32::try_from(row.byte_size.unwrap_or_default()).unwrap_or(i32::MAX),
        expires_at,
    })
}
