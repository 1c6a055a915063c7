//! The public contract: what is committed is what is served. That every rule written in it is kept is shown by `access_matrix`.

use std::path::Path;

fn served() -> String {
    let sdl = muster::graphql::schema().sdl();
    format!("{}\n", sdl.trim_end())
}

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(
        committed == served(),
        "schema.graphql is out of date; `make schema` writes it"
    );
}
