//! Links to the report of the failed rows.

use crate::error::Result;
use crate::imports::Import;
use crate::imports::report_link::{DownloadLink, error_report};
use crate::read::Scope;
use graphql::{Links, Object, Type};

impl Object for DownloadLink {
    const NAME: &'static str = "DownloadLink";
    const DOC: &'static str =
        "A link to a file, made for the viewer when asked for and good for five minutes.";

    fn describe(t: &mut Type<Self>) {
        t.text("url", |link| &link.url);
        t.text("filename", |link| &link.filename);
        t.value("byteSize", |link| link.byte_size);
        t.value("expiresAt", |link| link.expires_at);
    }
}

pub async fn error_reports(scope: &Scope, imports: &[Import]) -> Result<Links<DownloadLink>> {
    let links = imports.iter().map(|import| error_report(scope, import));
    Ok(Links::each(futures::future::try_join_all(links).await?))
}
