//! Columns that are named by hand.

use async_graphql::{Enum, InputObject, OneofObject};
use entity::import::{Mapped, MappedColumn};

use crate::imports::Import;
use crate::imports::parse::Field;
use graphql::{Object, Type, enum_leaf};

/// What a column can hold.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Field")]
pub enum ImportField {
    /// The given name.
    GivenName,
    /// The family name.
    FamilyName,
    /// The e-mail address.
    Email,
    /// The role; in a file of users alone.
    Role,
    /// Products; in a file of users alone.
    #[graphql(name = "PRODUCT")]
    Products,
    /// The external id; in a file of users alone.
    ExternalId,
    /// Groups; in a file of users alone.
    Groups,
    /// The id of somebody who is there, as an export writes it: their row changes nothing of them but that they get the products they have not; in a file of users alone.
    UserId,
}

enum_leaf!(ImportField);

/// Which column is meant.
#[derive(OneofObject, Debug)]
pub enum ImportColumnReferenceInput {
    /// The one with this heading, in any case; 1 to 4096 bytes.
    Header(String),
    /// The one at this place, from 1 to 64.
    Number(i32),
}

/// What a column of the file holds, whatever it is headed.
#[derive(InputObject, Debug)]
pub struct ImportColumnMappingInput {
    /// Which column.
    column: ImportColumnReferenceInput,
    /// What it holds.
    field: ImportField,
}

impl From<ImportColumnMappingInput> for (MappedColumn, Field) {
    fn from(given: ImportColumnMappingInput) -> Self {
        let column = match given.column {
            ImportColumnReferenceInput::Header(header) => MappedColumn::Header(header),
            ImportColumnReferenceInput::Number(number) => MappedColumn::Number(number),
        };
        (column, given.field.into())
    }
}

/// A column that was named by hand.
#[derive(Clone, Debug)]
pub struct ImportColumnMapping(Mapped);

impl Object for ImportColumnMapping {
    const NAME: &'static str = "ImportColumnMapping";
    const DOC: &'static str = "A column that was named by hand.";

    fn describe(t: &mut Type<Self>) {
        t.value("header", |mapped| match &mapped.0.column {
            MappedColumn::Header(header) => Some(header.clone()),
            MappedColumn::Number(_) => None,
        })
        .doc("Its heading, where it was named by that.");
        t.value("number", |mapped| match mapped.0.column {
            MappedColumn::Number(number) => Some(number),
            MappedColumn::Header(_) => None,
        })
        .doc("Its place, from 1, where it was named by that.");
        t.text("field", |mapped| &mapped.0.field)
            .doc("What it holds: `GIVEN_NAME`, `FAMILY_NAME`, `EMAIL`, `ROLE`, `PRODUCT`, `EXTERNAL_ID`, `GROUPS` or `USER_ID`.");
    }
}

/// `Import.columnMapping`.
pub fn on_import(t: &mut Type<Import>) {
    t.children("columnMapping", |import| {
        let mapped = import.0.mapping.iter().flat_map(|mapping| &mapping.0);
        mapped.cloned().map(ImportColumnMapping).collect()
    })
    .doc("Columns that were named by hand: in the call or, where it named none, for the last file of the account with the same headers.");
}
