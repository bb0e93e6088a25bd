//! `/admin/dashboard.csv`: the numbers of a range as a file.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Asked;
use super::numbers::{METRICS, Numbers};
use crate::admin::OnDuty;
use crate::admin::parameters::Parameters;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::state::App;

/// GET. Every metric and label is a word of ours, so nothing in it could be run by a spreadsheet; nobody is named in it.
pub(in crate::admin) async fn get(
    State(app): State<App>,
    _duty: OnDuty,
    visitor: Visitor,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, AppError> {
    let (range, _) = asked.read()?;
    let numbers = Numbers::read(&app, range, &METRICS, visitor.now).await?;
    let mut csv = "begins_at,metric,label,count\r\n".to_owned();
    for (begin, metric, label, count) in numbers.rows() {
        csv.push_str(&format!("{},{metric},{label},{count}\r\n", begin.to_rfc3339()));
    }
    for (day, count) in &numbers.ahead {
        csv.push_str(&format!("{},ending,,{count}\r\n", day.to_rfc3339()));
    }
    let name = format!("attachment; filename=\"dashboard-{}.csv\"", range.as_str());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(|_| AppError::not_found())?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::OK, headers, csv).into_response())
}
