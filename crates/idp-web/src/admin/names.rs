//! Colleagues by name, on pages that say who asked, decided or has something.

use idp_core::admin::is_program;
use idp_core::id::AccountId;

use crate::error::AppError;
use crate::roles;
use crate::state::App;

/// The name of a member of staff, or the `client_id` of a program; a dash for whoever is gone.
pub(super) async fn colleague(app: &App, id: AccountId) -> Result<String, AppError> {
    if is_program(id) {
        let programs = roles::programs(&app.store).await?;
        return Ok(programs.get(&id).map_or_else(|| "–".to_owned(), ToString::to_string));
    }
    let account = app.store.account(id).await?;
    Ok(account.map_or_else(|| "–".to_owned(), |stored| stored.account.profile.full_name()))
}
