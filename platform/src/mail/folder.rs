//! Mail without a relay: files that any mail program opens.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use lettre::message::Mailbox;

use super::{OutgoingMail, SendError, message};
use crate::error::{Error, Result};

/// A folder with one `<id>.eml` a mail.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    from: Mailbox,
}

/// Tells apart the drafts of two workers that send the same mail at once.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

impl Folder {
    pub(super) fn open(path: &Path, from: Mailbox) -> Result<Self> {
        // Invitations hold tokens: nobody else on the machine shall read them.
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(Error::internal)?;
        Ok(Self {
            path: path.to_owned(),
            from,
        })
    }

    /// Whoever looks sees the whole file or none; sending again replaces it.
    pub(super) async fn send(&self, mail: &OutgoingMail) -> Result<(), SendError> {
        let bytes = message::compose(mail, &self.from)?.formatted();
        let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
        let draft = self
            .path
            .join(format!(".{}.{}-{number}.draft", mail.id, std::process::id()));
        let finished = self.path.join(format!("{}.eml", mail.id));
        let written = tokio::task::spawn_blocking(move || {
            std::fs::write(&draft, bytes)?;
            std::fs::rename(&draft, &finished)
        });
        let written = written
            .await
            .unwrap_or_else(|error| Err(std::io::Error::other(error)));
        written.map_err(|error| SendError::Away(format!("{}: {error}", self.path.display())))
    }
}
