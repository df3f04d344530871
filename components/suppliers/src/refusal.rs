//! Refusals as GraphQL has them: a message for people in their language, and a stable `extensions.code` beside
//! every other member that the problem document would have.

use async_graphql::ServerError;
use commerce::Language;
use serde_json::{Value, json};
use service::{Context, Problem};
use std::sync::Arc;

/// The code of an error that the validation has found.
const INVALID: &str = "graphql-validation-failed";
/// The code of one that a resolver has found in what it was given.
const FAILED: &str = "graphql-field-failed";

/// An error of the whole request.
pub fn of_problem(problem: &Problem, language: Language) -> Value {
    let mut extensions = problem.members(language);
    let title = extensions.remove("title").unwrap_or_default();
    json!({ "message": title, "extensions": extensions })
}

/// An error of GraphQL's own, which are in English.
pub fn of_error(error: &ServerError, code: &str) -> Value {
    let mut document = json!(error);
    if let Some(document) = document.as_object_mut() {
        document.insert("extensions".into(), json!({ "code": code }));
    }
    document
}

/// An error of a field, or of the validation. What is our own fault is logged, and only that it happened is
/// told.
pub fn of_server_error(context: &Context, error: &ServerError, language: Language) -> Value {
    let problem = error
        .source::<Problem>()
        .or_else(|| error.source::<Arc<Problem>>().map(|shared| &**shared));
    let Some(problem) = problem else {
        let code = if error.path.is_empty() {
            INVALID
        } else {
            FAILED
        };
        return of_error(error, code);
    };
    if problem.status().is_server_error() {
        service::warn(context, "a field was not answered", problem);
    }
    let mut document = json!(error);
    if let (Some(document), Value::Object(own)) =
        (document.as_object_mut(), of_problem(problem, language))
    {
        document.extend(own);
    }
    document
}

#[cfg(test)]
mod tests {
    use commerce::Text;

    use super::*;

    #[test]
    fn a_refusal_is_read_in_either_language_and_has_one_code() {
        let title = Text::new("Complet", "Full");
        let problem = Problem::conflict("stock-above-maximum", title).with("items", json!([1]));
        let [french, english] =
            [Language::French, Language::English].map(|language| of_problem(&problem, language));
        assert_eq!(french["message"], "Complet");
        assert_eq!(english["message"], "Full");
        for error in [french, english] {
            assert_eq!(error["extensions"]["code"], "stock-above-maximum");
            assert_eq!(error["extensions"]["status"], 409);
            assert_eq!(error["extensions"]["items"], json!([1]));
        }
    }
}
