//! The encoded query, `sysparm_query`: what is understood filters, and what is not is ignored.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A row of a table: everything in it is text.
pub(super) type Row = BTreeMap<&'static str, String>;

/// Keeps what fits a query, in the order that it asks for.
///
/// A piece that makes no sense is ignored as the real one ignores it, so that a mistyped query answers
/// with rows that nobody asked for.
pub(super) fn select(query: &str, mut rows: Vec<Row>) -> Vec<Row> {
    let mut orders: Vec<(&str, bool)> = Vec::new();
    for piece in query.split('^').filter(|piece| !piece.is_empty()) {
        if let Some(field) = piece.strip_prefix("ORDERBYDESC") {
            orders.push((field, true));
        } else if let Some(field) = piece.strip_prefix("ORDERBY") {
            orders.push((field, false));
        } else if let Some(condition) = Condition::read(piece) {
            // A field that no row has makes the piece invalid.
            let is_known = |row: &Row| row.contains_key(condition.field);
            if rows.is_empty() || rows.iter().any(is_known) {
                rows.retain(|row| condition.holds(row));
            }
        }
    }
    rows.sort_by(|a, b| {
        let by = |(field, descending): &(&str, bool)| {
            let order = a.get(field).cmp(&b.get(field));
            if *descending { order.reverse() } else { order }
        };
        orders.iter().map(by).find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
    rows
}

/// One condition.
#[derive(Debug, PartialEq)]
struct Condition<'a> {
    field: &'a str,
    operator: &'static str,
    value: &'a str,
}

/// Operators, the longer first.
const OPERATORS: [&str; 9] = ["NOT IN", "LIKE", "!=", ">=", "<=", "IN", ">", "<", "="];

impl<'a> Condition<'a> {
    fn read(piece: &'a str) -> Option<Self> {
        let end = piece.find(|c: char| !(c.is_ascii_lowercase() || c == '_'))?;
        let (field, rest) = piece.split_at_checked(end)?;
        let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator))?;
        let value = rest.strip_prefix(operator)?;
        (!field.is_empty()).then_some(Self { field, operator, value })
    }

    fn holds(&self, row: &Row) -> bool {
        let held = row.get(self.field).map_or("", String::as_str);
        let is_listed = || self.value.split(',').any(|one| one == held);
        match self.operator {
            "=" => held == self.value,
            "!=" => held != self.value,
            ">=" => held >= self.value,
            "<=" => held <= self.value,
            ">" => held > self.value,
            "<" => held < self.value,
            "IN" => is_listed(),
            "NOT IN" => !is_listed(),
            _ => held.to_lowercase().contains(&self.value.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let row = |id: &str, on: &str, element: &str| {
            Row::from([
                ("sys_id", id.to_owned()),
                ("sys_created_on", on.to_owned()),
                ("element", element.to_owned()),
            ])
        };
        vec![
            row("b", "2026-11-20 11:00:02", "work_notes"),
            row("a", "2026-11-20 11:00:01", "comments"),
            row("c", "2026-11-20 11:00:03", "work_notes"),
        ]
    }

    fn ids(query: &str) -> String {
        select(query, rows()).iter().map(|row| row["sys_id"].clone()).collect()
    }

    #[test]
    fn a_query_filters_and_orders() {
        assert_eq!(ids("ORDERBYsys_created_on"), "abc");
        assert_eq!(ids("ORDERBYDESCsys_created_on"), "cba");
        assert_eq!(ids("element=work_notes^ORDERBYsys_created_on"), "bc");
        assert_eq!(ids("elementINcomments,other"), "a");
        assert_eq!(ids("sys_created_on>=2026-11-20 11:00:02^ORDERBYsys_id"), "bc");
    }

    #[test]
    fn a_piece_that_makes_no_sense_is_silently_ignored() {
        assert_eq!(ids("elemnt=work_notes"), "bac");
        assert_eq!(ids("nonsense^element=comments"), "a");
    }
}
