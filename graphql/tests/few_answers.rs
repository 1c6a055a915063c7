//! A handler that answers fewer rows than it was asked for is a defect of ours, and no panic: it costs its own field.

use async_graphql::Request;
use graphql::{Context, Fault, FromContext, Object, Rows, Schema, Type};
use serde_json::json;

#[derive(Clone, Default)]
struct Session;

impl FromContext for Session {}

#[derive(Clone)]
struct Row(i32);

impl Object for Row {
    const NAME: &'static str = "Row";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.value("n", |row| row.0);
        t.values("value", async |_: Session, _: Rows<Self>| Ok::<_, Fault>(vec![1]));
        t.one_opt("other", async |_: Session, _: Rows<Self>| {
            Ok::<_, Fault>(vec![Some(Row(9))])
        });
    }
}

#[derive(Clone, Copy, Default)]
struct Query;

impl Object for Query {
    const NAME: &'static str = "Query";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.children("rows", |_| vec![Row(1), Row(2)]);
    }
}

#[derive(Clone, Copy, Default)]
struct Mutation;

impl Object for Mutation {
    const NAME: &'static str = "Mutation";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.value("nothing", |_| None::<i32>);
    }
}

#[derive(Clone, Copy, Default)]
struct Subscription;

impl Object for Subscription {
    const NAME: &'static str = "Subscription";
    const DOC: &'static str = "";

    fn describe(_: &mut Type<Self>) {}
}

#[tokio::test]
async fn rows_without_an_answer_fail_and_the_others_are_answered() {
    let schema = Schema::new::<Query, Mutation, Subscription>();
    let ask = async |query: &str| {
        let request = Request::new(query).data(Context::new(Session));
        serde_json::to_value(schema.execute(request).await).unwrap()
    };
    let answer = ask("{ rows { n other { n } } }").await;
    assert_eq!(
        answer["data"],
        json!({"rows": [{"n": 1, "other": {"n": 9}}, {"n": 2, "other": null}]})
    );
    let failed = ask("{ rows { n value } }").await;
    assert_eq!(failed["errors"].as_array().unwrap().len(), 1, "{failed}");
    assert_eq!(failed["errors"][0]["path"], json!(["rows", 1, "value"]));
    assert_eq!(failed["errors"][0]["extensions"]["code"], "INTERNAL");
    assert_eq!(
        failed["errors"][0]["message"], "Internal error",
        "and says nothing of why"
    );
}
