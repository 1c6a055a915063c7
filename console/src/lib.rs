//! The console as the binary carries it: what `make console` built from `web/`, found by address. A crate of its own, so that a change of the application
//! compiles nothing else anew. Empty when it was not built; everything else works without it.

/// A file of the console.
#[derive(Debug)]
pub struct File {
    /// Its address below `/`, without that slash.
    pub path: &'static str,
    pub bytes: &'static [u8],
    /// The same, compressed when it was built.
    pub brotli: Option<&'static [u8]>,
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The page that every address of a screen answers; none if the console was not built.
pub fn page() -> Option<&'static File> {
    find("index.html")
}

/// The file of this address.
pub fn find(path: &str) -> Option<&'static File> {
    let place = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
    FILES.get(place)
}

impl File {
    /// By what its name ends with.
    pub fn content_type(&self) -> &'static str {
        match self.path.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("woff2") => "font/woff2",
            Some("txt") => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}
