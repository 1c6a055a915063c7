//! How an application describes its types: the builder that every [`Object`] is handed. The kinds of fields are in `held`, `looked_up`, `load` and
//! `mutation`.

use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::registry::Registry;

use super::args::Arguments;
use super::context::Context;
use super::cost::{Cost, Times};
use super::definition::{Confines, Definition, FieldDef, List, Of, Read, TypeDef};
use super::guard::{AnyGuard, Erased, Guard};
use super::interface::Interface;
use crate::Fault;

/// A type of the schema whose fields are read off rows of this Rust type. Clones should be cheap: keep the data behind an `Arc`.
pub trait Object: Clone + Send + Sync + 'static {
    const NAME: &'static str;
    /// The description in the schema.
    const DOC: &'static str;

    fn describe(t: &mut Type<Self>);
}

/// The fields of a type, in the order of the schema.
pub struct Type<T> {
    pub(super) def: TypeDef,
    /// Of the fields that are still to come.
    confines: Option<Confines>,
    rows: PhantomData<fn(T)>,
}

/// A field just described, to say more of it.
pub struct Field<'t, T> {
    pub(super) def: &'t mut FieldDef,
    rows: PhantomData<fn(T)>,
}

impl<T: Send + Sync + 'static> Field<'_, T> {
    /// What clients read about it.
    pub fn doc(self, doc: &'static str) -> Self {
        self.def.doc = doc;
        self
    }

    /// Who may read the field. Without a guard: whoever may read its object. A field that somebody may be refused is nullable.
    pub fn guard(self, guard: impl Guard<T>) -> Self {
        self.def.is_nullable |= guard.may_refuse();
        let guard: Box<dyn AnyGuard> = Box::new(Erased(guard, PhantomData));
        self.def.guard = Some(guard);
        self
    }

    /// What is selected below costs once for each of the argument `ids`.
    pub fn per_id(self) -> Self {
        self.def.cost.times = Times::Ids;
        self
    }

    /// What is selected below a list that is no page costs so many times: the most items it can have.
    pub fn at_most(self, most: u16) -> Self {
        self.def.cost.times = Times::Most(most);
        self
    }

    /// What the field costs by itself, if not what its kind does.
    pub fn weight(self, weight: u16) -> Self {
        self.def.cost.weight = Some(weight);
        self
    }
}

impl<T: Send + Sync + 'static> Type<T> {
    pub fn new(name: &'static str, doc: &'static str) -> Self {
        Self {
            def: TypeDef {
                name,
                doc,
                fields: Vec::new(),
                interfaces: Vec::new(),
                extras: Vec::new(),
            },
            confines: None,
            rows: PhantomData,
        }
    }

    pub(super) fn keep(self) -> Definition {
        Box::leak(Box::new(self.def))
    }

    /// Another name than the Rust type's constant, for types that are made of others.
    pub fn named(&mut self, name: String) {
        self.def.name = super::definition::keep(name);
    }

    /// The type without one of its fields.
    pub fn without(mut self, name: &str) -> Self {
        self.def.fields.retain(|field| field.name != name);
        self
    }

    /// Something else the schema has because of this type, for example a directive.
    pub fn with(&mut self, register: fn(&mut Registry)) {
        self.def.extras.push(register);
    }

    /// The guard of all fields described so far that have none.
    pub fn guard_the_rest<G: Guard<T> + Clone>(&mut self, guard: &G) {
        for field in self.def.fields.iter_mut().filter(|field| field.guard.is_none()) {
            field.is_nullable |= guard.may_refuse();
            field.guard = Some(Box::new(Erased(guard.clone(), PhantomData)));
        }
    }

    /// Whether a row's fields described from here on are the reader's to see at all, whatever their guards say. Where they are not, each is null with
    /// the fault as its error; so they are nullable.
    pub fn confine(&mut self, judge: fn(&Context, &T) -> Result<(), Fault>) {
        self.confines = Some(Arc::new(move |context, rows| {
            let judged: Vec<_> = rows.typed::<T>().iter().map(|row| judge(context, row)).collect();
            let allowed = judged.iter().map(Result::is_ok).collect();
            let refused = judged.into_iter().find_map(Result::err);
            refused.map(|fault| (fault, allowed))
        }));
    }

    /// The type is one of an interface's.
    pub fn implements<I: Interface>(&mut self) {
        self.def.interfaces.push(I::definition());
    }

    pub(super) fn push(
        &mut self,
        name: &'static str,
        of: Of,
        is_nullable: bool,
        list: List,
        args: impl Fn(&mut Registry) -> Arguments + Send + Sync + 'static,
        read: Read,
    ) -> Field<'_, T> {
        self.def.fields.push(FieldDef {
            name,
            doc: "",
            of,
            is_nullable: is_nullable || self.confines.is_some(),
            list,
            args: Box::new(args),
            guard: None,
            confines: self.confines.clone(),
            cost: Cost::default(),
            read,
            refuse: None,
        });
        let last = self.def.fields.len() - 1;
        Field {
            def: &mut self.def.fields[last],
            rows: PhantomData,
        }
    }
}

pub fn no_args(_: &mut Registry) -> Arguments {
    Arguments::new()
}
