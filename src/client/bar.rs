//! The progress bar, for people only: hidden when standard error is no terminal or a program reads along.

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::watch::Progress;

const TEMPLATE: &str = "{wide_bar} {percent:>3} %  {msg}";

pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(is_visible: bool) -> Self {
        Self::of(is_visible, "uploading")
    }

    /// Begins with a word of what is waited for.
    pub(super) fn of(is_visible: bool, begins_with: &'static str) -> Self {
        let target = if is_visible {
            // Draws nothing when standard error is no terminal.
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(100), target).with_message(begins_with);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(super) fn show(&self, progress: &Progress) {
        self.reach(progress.percent.into(), caption(progress));
    }

    pub(super) fn reach(&self, percent: u64, caption: String) {
        self.0.set_position(percent);
        self.0.set_message(caption);
    }

    /// How much of a file has come.
    pub(super) fn show_bytes(&self, received: u64, all: u64) {
        self.0
            .set_position((received * 100).checked_div(all).unwrap_or(100));
        let message = format!("receiving: {} of {}", HumanBytes(received), HumanBytes(all));
        self.0.set_message(message);
    }
}

/// Leaves no half-drawn bar behind, on success as on error.
impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// "applying: 1,200 of 5,000 rows, 3 failed"
fn caption(progress: &Progress) -> String {
    let phase = progress.phase.to_lowercase();
    let Some(total) = progress.total else {
        return phase;
    };
    let failed = match progress.failed {
        0 => String::new(),
        failed => format!(", {} failed", HumanCount(failed.into())),
    };
    format!(
        "{phase}: {} of {} rows{failed}",
        HumanCount(progress.processed.into()),
        HumanCount(total.into())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(total: Option<u32>, failed: u32) -> Progress {
        Progress {
            sequence: 7,
            status: "RUNNING".into(),
            phase: "APPLYING".into(),
            processed: 1_200,
            total,
            percent: 24,
            succeeded: 1_200 - failed,
            failed,
            skipped: 0,
            is_final: false,
        }
    }

    #[test]
    fn the_caption_tells_phase_rows_and_failures() {
        assert_eq!(caption(&progress(None, 0)), "applying");
        assert_eq!(
            caption(&progress(Some(5_000), 0)),
            "applying: 1,200 of 5,000 rows"
        );
        assert_eq!(
            caption(&progress(Some(5_000), 1_003)),
            "applying: 1,200 of 5,000 rows, 1,003 failed"
        );
    }

    #[test]
    fn a_hidden_bar_follows_without_drawing() {
        let bar = Bar::new(false);
        bar.show(&progress(Some(5_000), 0));
        assert!(bar.0.is_hidden());
        assert_eq!(bar.0.position(), 24);
    }
}
