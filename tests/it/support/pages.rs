//! Pages of `docs/` whose examples tests run.

/// The blocks of one language on a page, in order.
pub fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let mark = format!("```{language}\n");
    let blocks = page.split(mark.as_str()).skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}
