//! The types of `schema.graphql`.

use async_graphql::InputObject;
use async_graphql::registry::MetaDirectiveInvocation;
use graphql::{Context, Fault, Guard, Load, Object, Rows, Type, interface};

use crate::page::{PageArgs, pages};
use crate::roots::{Color, Nobody, Session};

pub const fn exists(n: i32) -> bool {
    matches!(n, 1..=999)
}

pub fn thing(n: i32) -> Option<Thing> {
    match n % 2 {
        _ if !exists(n) => None,
        0 => Some(Thing::Item(Item(n))),
        _ => Some(Thing::Note(Note(n))),
    }
}

interface! {
    /// What node-like fields answer.
    Thing { "id": "ID!" => "", "n": "Int!" => "" } = Item(Item) | Note(Note)
}

interface! {
    /// Named.
    Named { "name": "String!" => "" } = Item(Item) | Note(Note)
}

#[derive(Clone, Copy, Debug)]
pub struct Item(pub i32);

#[derive(Clone, Copy, Debug)]
pub struct Note(pub i32);

struct Id(String);

impl graphql::Leaf for Id {
    fn describe(registry: &mut async_graphql::registry::Registry) -> String {
        <async_graphql::ID as async_graphql::OutputType>::create_type_info(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }
}

/// Lets read what is the first item's.
#[derive(Clone, Copy)]
struct First;

impl Guard<Item> for First {
    fn directive(&self) -> Option<MetaDirectiveInvocation> {
        None
    }

    fn may_refuse(&self) -> bool {
        true
    }

    fn shows(&self, context: &Context) -> Result<(), Fault> {
        Guard::<Item>::shows(&Nobody, context)
    }

    fn own(&self, _: &Context, rows: &[Item]) -> Vec<bool> {
        rows.iter().map(|item| item.0 == 1).collect()
    }
}

#[derive(InputObject)]
struct TimesArgs {
    #[graphql(default_with = "Some(2)")]
    by: Option<i32>,
}

impl Load for Item {
    type Scope = Session;
    type Key = i32;
    type Error = Fault;

    fn parse(id: &str) -> Option<i32> {
        id.strip_prefix("item-")?.parse().ok()
    }

    fn key(&self) -> i32 {
        self.0
    }

    fn id_text(key: i32) -> String {
        format!("item-{key}")
    }

    /// The other way round, to show that order does not matter.
    async fn load(_: Session, keys: Vec<i32>) -> Result<Vec<Self>, Fault> {
        let found = keys.into_iter().rev().filter(|n| exists(*n));
        Ok(found.map(Self).collect())
    }
}

impl Object for Item {
    const NAME: &'static str = "Item";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Thing>();
        t.implements::<Named>();
        t.value("id", |item| Id(format!("item-{}", item.0)));
        t.value("n", |item| item.0);
        t.value("name", |item| match item.0 {
            3 => "Item 3\n\"".to_owned(),
            n => format!("Item {n}"),
        });
        t.value("note", |item| {
            (item.0 % 3 != 0).then(|| format!("note {}", item.0))
        });
        t.value("color", |item| Color::ALL[place(item.0 % 3)]);
        t.value("colors", |item| {
            Color::ALL.into_iter().take(place(item.0 % 4)).collect::<Vec<_>>()
        });
        t.value("even", |item| item.0 % 2 == 0);
        t.child("held", |item| Note(item.0));
        t.child_opt("heldMaybe", |item| (item.0 % 2 == 0).then_some(Note(item.0)));
        t.children("notes", |item| {
            (item.0..item.0 + item.0 % 4).map(Note).collect::<Vec<_>>()
        });
        t.link::<Self, _>("next", |item| (item.0 % 5 != 0).then_some(item.0 + 1));
        t.link::<Self, _>("nextSure", |item| match item.0 % 3 {
            0 => 0,
            _ => item.0 + 1,
        });
        t.any_opt::<Thing, _, _>("thing", next_things);
        t.any_children("things", |item| {
            (item.0..=item.0 + 1)
                .map(|n| match n % 2 {
                    0 => Thing::Item(Self(n)),
                    _ => Thing::Note(Note(n)),
                })
                .collect()
        });
        t.page(
            "children",
            async |_: Session, items: Rows<Self>, args: PageArgs| pages(&items, &args),
        );
        t.values("looked", looked);
        t.text_opt("guarded", |_| None).guard(Nobody);
        t.value("own", |item| Some(item.0)).guard(First);
        t.values("broken", broken);
        t.values("brokenSure", broken_sure);
        t.values("times", times);
    }
}

fn place(n: i32) -> usize {
    usize::try_from(n).unwrap()
}

async fn next_things(_: Session, items: Rows<Item>) -> Result<Vec<Option<Thing>>, Fault> {
    let next = |item: &Item| (item.0 % 4 != 0).then(|| thing(item.0 + 1)).flatten();
    Ok(items.iter().map(next).collect())
}

async fn looked(_: Session, items: Rows<Item>) -> Result<Vec<i32>, Fault> {
    Ok(items.iter().map(|item| 100 + item.0).collect())
}

async fn broken(_: Session, _items: Rows<Item>) -> Result<Vec<Option<i32>>, Fault> {
    Err(Fault::internal("broken"))
}

/// Answers too little, and the engine must not mind.
async fn broken_sure(_: Session, _items: Rows<Item>) -> Result<Vec<i32>, Fault> {
    Ok(Vec::new())
}

async fn times(_: Session, items: Rows<Item>, args: TimesArgs) -> Result<Vec<Option<i32>>, Fault> {
    let times = |item: &Item| args.by.map(|by| item.0.wrapping_mul(by));
    Ok(items.iter().map(times).collect())
}

impl Object for Note {
    const NAME: &'static str = "Note";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Thing>();
        t.implements::<Named>();
        t.value("id", |note| Id(format!("note-{}", note.0)));
        t.value("n", |note| note.0);
        t.value("name", |note| format!("Note {}", note.0));
        t.value("text", |note| {
            (note.0 % 4 != 0).then(|| format!("text {}", note.0))
        });
        t.link::<Item, _>("item", |note| match note.0 % 7 {
            0 => 0,
            _ => note.0,
        });
    }
}
