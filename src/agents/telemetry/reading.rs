//! One reading of a metrics page: the sum of what a selector takes, at the moment of the reading.

use super::TelemetryError;
use super::openmetrics::Exposition;
use super::selector::Selector;

/// Sums the samples of a page in the Prometheus or OpenMetrics text format that `selector` takes; a page
/// without any sums to 0, as a counter that has not counted yet does.
pub fn sum_of(page: &str, selector: &str) -> Result<f64, TelemetryError> {
    let selector = Selector::read("selector", selector)?;
    let mut exposition = Exposition::only(vec![selector]);
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        // A page of the present carries no instants; any will do.
        let dated = format!("{line} 0");
        exposition.take(&dated, (f64::NEG_INFINITY, f64::INFINITY));
    }
    let series = exposition.series();
    Ok(series.iter().filter_map(|one| one.samples.last()).map(|(_, value)| value).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_selected_is_summed() {
        let page =
            "# TYPE http counter\nhttp_total{status=\"503\"} 3\nhttp_total{status=\"200\"} 9\n";
        assert!((sum_of(page, r#"http_total{status=~"5.."}"#).unwrap() - 3.0).abs() < 1e-9);
        assert!((sum_of(page, "http_total").unwrap() - 12.0).abs() < 1e-9);
        assert!((sum_of(page, "nothing").unwrap()).abs() < 1e-9);
        assert!(sum_of(page, "{{{").is_err());
    }
}
