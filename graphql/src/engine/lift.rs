//! Fields of something that rows hold, taken over as the rows' own.

use futures::FutureExt;

use super::definition::Read;
use super::describe::Type;
use super::found::Found;
use super::rows::AnyRows;

impl<O: Clone + Send + Sync + 'static> Type<O> {
    /// Takes over the fields of something its rows hold, or may hold.
    pub fn lift<I: Clone + Send + Sync + 'static>(
        &mut self,
        inner: Type<I>,
        get: impl Fn(&O) -> Option<&I> + Clone + Send + Sync + 'static,
        may_lack: bool,
    ) {
        for mut field in inner.def.fields {
            let get = get.clone();
            field.is_nullable |= may_lack;
            field.read = match field.read {
                Read::Row(write) => Read::Row(Box::new(move |rows, row, out| {
                    match rows.row::<O>(row).and_then(&get) {
                        Some(held) => write(&AnyRows::of(vec![held.clone()]), 0, out),
                        None => out.extend_from_slice(b"null"),
                    }
                })),
                Read::All(find) => Read::All(Box::new(move |selected, rows| {
                    let mut held = Vec::new();
                    let place = |outer: &O| {
                        held.push(get(outer)?.clone());
                        Some(held.len() - 1)
                    };
                    let of = rows.typed::<O>().iter().map(place).collect();
                    let found = find(selected, AnyRows::of(held));
                    async move { Ok(Found::Placed(Box::new(found.await?), of)) }.boxed()
                })),
                stream @ Read::Stream(_) => stream,
            };
            self.def.fields.push(field);
        }
    }
}
