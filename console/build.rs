//! Lists what `make console` left in `web/dist`, for the binary to carry. The folder is always there; when nothing was built, there is nothing in it.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("cargo names the folder"))?;
    let dist = Path::new(&manifest).join("../web/dist");
    println!("cargo:rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    collect(&dist, &mut files)?;
    files.sort();
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names the folder"))?;
    let out = Path::new(&out);
    // Copies, so that the console may be built again while the binary is being built.
    let keep = |path: &Path, name: String| -> io::Result<String> {
        let copy = out.join(name);
        fs::copy(path, &copy)?;
        let copy = copy.into_os_string().into_string();
        copy.map_err(|_| io::Error::other("the folder of what is built has a name that is no text"))
    };
    let mut text = String::from("&[\n");
    for (number, path) in files.iter().enumerate() {
        let within = path.strip_prefix(&dist).map_err(io::Error::other)?;
        // Addresses are written with slashes, whatever the machine writes.
        let parts: Vec<_> = within.iter().map(|part| part.to_string_lossy()).collect();
        let brotli = with_suffix(path);
        let brotli = if brotli.exists() {
            format!(
                "Some(include_bytes!({:?}))",
                keep(&brotli, format!("{number}.br"))?
            )
        } else {
            "None".to_owned()
        };
        let bytes = keep(path, number.to_string())?;
        writeln!(
            text,
            "    File {{ path: {:?}, bytes: include_bytes!({bytes:?}), brotli: {brotli} }},",
            parts.join("/")
        )
        .map_err(io::Error::other)?;
    }
    text.push_str("]\n");
    fs::write(out.join("files.rs"), text)
}

/// Every file but those that begin with a dot, and but what is another one compressed.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            collect(&path, found)?;
        } else if !is_hidden && path.extension().is_none_or(|extension| extension != "br") {
            found.push(path);
        }
    }
    Ok(())
}

fn with_suffix(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    PathBuf::from(name)
}
