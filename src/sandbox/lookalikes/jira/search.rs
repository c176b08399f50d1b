//! Searching issues: the small part of JQL that a connector speaks.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::shapes::category;
use crate::sandbox::lookalikes::item::Item;

/// A query that was understood.
#[derive(Debug, PartialEq)]
pub(super) struct Search<'a> {
    now: Timestamp,
    clauses: Vec<(&'a str, &'a str, &'a str)>,
    /// The field that it is ordered by, and whether the other way round.
    order: Option<(&'a str, bool)>,
}

impl<'a> Search<'a> {
    /// Reads a query; what is not understood is told.
    pub(super) fn read(jql: &'a str, now: Timestamp) -> Result<Self, String> {
        let at = jql.to_ascii_uppercase().find("ORDER BY");
        let (filter, order) = match at.and_then(|at| jql.split_at_checked(at)) {
            Some((filter, order)) => (filter, order.get("ORDER BY".len()..)),
            None => (jql, None),
        };
        let order = order.and_then(|order| {
            let mut words = order.split_whitespace();
            let field = words.next()?;
            Some((field, words.next().is_some_and(|word| word.eq_ignore_ascii_case("DESC"))))
        });
        let mut clauses = Vec::new();
        // Only ANDs are understood, and so it does not matter what stands in brackets.
        let bare = |clause: &'a str| clause.trim().trim_matches(['(', ')']).trim();
        for clause in filter.split(" AND ").map(bare).filter(|clause| !clause.is_empty()) {
            let found = [">=", "<=", "!=", "="].into_iter().find_map(|operator| {
                let (field, value) = clause.split_once(operator)?;
                Some((field.trim(), operator, value.trim().trim_matches('"')))
            });
            clauses.push(found.ok_or_else(|| format!("Error in the JQL Query: {clause}"))?);
        }
        if clauses.is_empty() {
            return Err("Unbounded JQL queries are not allowed here.".to_owned());
        }
        Ok(Self { now, clauses, order })
    }

    /// The issues that fit, in their order.
    pub(super) fn select<'i>(&self, items: impl Iterator<Item = &'i Item>) -> Vec<&'i Item> {
        let fits = |item: &&Item| self.clauses.iter().all(|clause| self.holds(*clause, item));
        let mut found: Vec<_> = items.filter(fits).collect();
        match self.order {
            Some(("updated", _)) => found.sort_by_key(|item| (item.updated, item.number)),
            _ => found.sort_by_key(|item| item.number),
        }
        if self.order.is_some_and(|(_, descending)| descending) {
            found.reverse();
        }
        found
    }

    fn holds(&self, (field, operator, value): (&str, &str, &str), item: &Item) -> bool {
        let compare = |at: Timestamp| {
            let Some(given) = self.minute(value) else { return false };
            let minute = at.as_second() / 60;
            if operator == ">=" { minute >= given } else { minute <= given }
        };
        let labels = item.fields.get("labels").and_then(Value::as_array);
        let has = |label: &Value| label.as_str() == Some(value);
        let is = match field {
            "updated" => return compare(item.updated),
            "created" => return compare(item.created),
            "project" => item.fields.get("project").and_then(Value::as_str) == Some(value),
            "labels" => labels.is_some_and(|labels| labels.iter().any(has)),
            "issuetype" => item.fields.get("issuetype").and_then(Value::as_str) == Some(value),
            "status" => item.state == value,
            "statusCategory" => (value == "Done") == (category(&item.state) == "done"),
            _ => true,
        };
        is == (operator == "=")
    }

    /// The minute that a value names: a date, which has minutes and no seconds, or so long ago.
    fn minute(&self, value: &str) -> Option<i64> {
        if let Some(minutes) = value.strip_prefix('-').and_then(|it| it.strip_suffix('m')) {
            return Some(self.now.as_second() / 60 - minutes.parse::<i64>().ok()?);
        }
        let given = DateTime::strptime("%Y-%m-%d %H:%M", value).ok()?;
        Some(given.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second() / 60)
    }
}
