# ThaID: signing in, verifying, and whether it is allowed
thaid-cancelled = You cancelled the sign-in with ThaID. You can sign in another way.
thaid-no-account = No permanent account has been verified with this citizen ID number yet. If you have an account, please sign in with e-mail and password and verify with ThaID once. If not, please register.
thaid-somebody-else = The person who signed in at ThaID is not the owner of the account in use. Please confirm another way.
thaid-door-closed = The owner of this account has turned off sign-in with ThaID. Please sign in with e-mail and password.
second-lead-thaid = ThaID has confirmed who you are. This account asks for two steps: please confirm the second one to sign in.

ver-thaid = Verify with ThaID
verify-thaid-with = With the ThaID app of the Department of Provincial Administration; no card data to type
ver-thaid-lead = You will go to ThaID of the Department of Provincial Administration, confirm who you are there, and come back here.
ver-thaid-asked = To verify your identity the Ministry of Commerce will receive from ThaID:
ver-thaid-number = your citizen ID number
ver-thaid-name = your first name and surname as registered
ver-thaid-birth = your date of birth
ver-thaid-level = the level of your identity proofing
ver-thaid-then = Once verified, your account is permanent and you can sign in with ThaID from then on.
ver-thaid-go = Go to ThaID
renew-thaid = Confirm with ThaID instead of typing card data

sec-thaid = Sign-in with ThaID
sec-thaid-what = Your account is verified, so you can sign in with ThaID without the password.
sec-thaid-open = Turned on
sec-thaid-closed = Turned off by you on { $date }
thaid-door-title = Sign-in with ThaID
thaid-door-open-lead = You can sign in to this account with ThaID.
thaid-door-close-what = Once turned off, nobody can sign in to this account with ThaID. You will need your password or a passkey. Other devices that are signed in will be signed out.
thaid-door-close = Turn off sign-in with ThaID
thaid-door-closed-lead = You turned off sign-in with ThaID on { $date }.
thaid-door-open-what = Once turned on, you can sign in with ThaID without the password. Other devices that are signed in will be signed out.
thaid-door-open = Turn on sign-in with ThaID

method-thaid = ThaID, Department of Provincial Administration
history-how-thaid = with ThaID
history-refused-thaid = Sign-in refused: you have turned off sign-in with ThaID
held-thaid-closed = Sign-in with ThaID turned off
stop-else-title = Not the same person
stop-else-what = ThaID gave a citizen ID number that is not the one of this account. Nothing was changed.
stop-else-do = Please sign in at ThaID as the owner of this account and try again.

error-page-thaid-down-title = ThaID is not available at the moment
error-page-thaid-down-body = ThaID cannot be reached now. Please try again in a little while, or use another way. Nothing has changed in your account.
error-page-thaid-gone-title = This sign-in with ThaID can no longer be used
error-page-thaid-gone-body = Its 10 minutes may be over, it may have been used, or it was begun in another browser. Please begin again from the sign-in page.
error-page-thaid-refused-title = Not confirmed with ThaID
error-page-thaid-refused-body = The answer that came from ThaID does not belong to this sign-in, so for your safety it was not used. Please begin again.
error-page-thaid-level-title = Your identity level at ThaID is not high enough
error-page-thaid-level-body = Please complete the proofing of your identity for ThaID at a district office and try again, or use another way.
error-page-thaid-number-title = This number cannot be used
error-page-thaid-number-body = This service takes the numbers of Thai citizen ID cards. Please contact our staff, or use another way.
error-page-thaid-again = Start again
error-page-thaid-other-way = Use another way

mail-factors-thaid-closed = Sign-in with ThaID was turned off for your MOC Account on { $moment }. From now on signing in takes your password or a passkey.
mail-factors-thaid-opened = Sign-in with ThaID was turned on for your MOC Account on { $moment }.

# The demonstration's simulated ThaID
demo-thaid-title = Simulated ThaID
demo-thaid-strip = Demonstration: not the ThaID of the Department of Provincial Administration
demo-thaid-home = This page stands in for ThaID in the demonstration. MOC Account brings you here when you sign in or verify with ThaID.
demo-thaid-who = Choose a sample person
demo-thaid-asks = MOC Account asks ThaID to confirm who you are, and for the following data
demo-thaid-cancel = Cancel
demo-thaid-bad = This request is not valid
demo-thaid-scope-pid = Citizen ID number
demo-thaid-scope-name = First name and surname
demo-thaid-scope-birthdate = Date of birth
demo-thaid-scope-ial = Level of identity proofing
demo-thaid-low = low level of proofing (1.1)

not-me-sign-in-then-thaid = If it was not you, press the button below. Every device is signed out, sign-in with ThaID is turned off, and you set a new password. Nothing else about your account changes.
disputed-thaid = Sign-in with ThaID was turned off as well. You can turn it on again on the page about the security of your account.
