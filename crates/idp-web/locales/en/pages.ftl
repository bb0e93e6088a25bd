# The 80 strings fixed with the ministry (docs: thai-identity section 8): change none alone.

login = Sign in
login-user = E-mail or username
login-password = Password
login-show = Show password
login-forgot = Forgot password
login-register = Never registered before? Click here to register
login-to = Sign in to continue to { $client }
login-bad = The e-mail or password is not right. Please check them and try again.
login-locked =
    { $n ->
        [one] Sign-in is paused after several wrong passwords. Please try again in 1 minute.
       *[other] Sign-in is paused after several wrong passwords. Please try again in { $n } minutes.
    }
login-suspended = Your account has been suspended. Please contact our staff.
login-thaid = Sign in with ThaID

session-expired = Session expired. Please sign in again.

link-expired = This link has expired or was already used. Please request a new one.

rate-limited = Too many attempts in a short time. Please wait a moment and try again.

reauth = For your security, please confirm your password again.

otp-title = Enter the 6-digit code
otp-sent = We sent a code to { $dest } (reference { $ref })
otp-resend = Request a new code ({ $n } s)
otp-bad = The code is wrong or has expired.

mfa-setup = Turn on two-step verification
mfa-recovery = Recovery codes

logout = Sign out
logout-all = Sign out everywhere
logout-done = You are signed out

reg-title = Register for MOC Account
reg-type = Choose member type
reg-type-public = General public
reg-type-staff = Ministry personnel
reg-type-juristic = Juristic person
reg-type-foreign = Foreign national
reg-terms = Terms of service
reg-privacy = Privacy notice
reg-accept = I have read and accept the terms of service
reg-title-name = Title
reg-first = First name (Thai)
reg-middle = Middle name (if any)
reg-last = Surname (Thai)
reg-sex = Sex
reg-dob = Date of birth (B.E.)
reg-ptype = Personnel type
reg-ptype-out = Personnel from outside the Ministry of Commerce
reg-org = Organisation
reg-dept = Section/division
reg-pos = Position
reg-pw-rule = At least { $n } characters. Use a phrase you can remember and use nowhere else.
reg-submit = Confirm registration and start using immediately
reg-dup = If this e-mail has not been registered before, a confirmation link is on its way to it

choose-perm = Become a permanent member with no expiry: click here to verify your identity
choose-temp = Join activities and use the systems of the Ministry of Commerce as a temporary member: click here

st-temp =
    { $n ->
        [one] Temporary member (1 day remaining)
       *[other] Temporary member ({ $n } days remaining)
    }
st-temp-until = Valid until { $date }
st-expired = Your 60 days as a temporary member have ended. Verify your identity to continue.
st-perm = Permanent member
st-verified = Verified

ver-public = Verify as a member of the general public
ver-staff = Verify as ministry personnel
ver-pid = 13-digit citizen ID number
ver-pid-bad = This is not a valid citizen ID number. Please check all 13 digits.
ver-thai-only = Please write in Thai, as on the face of the citizen ID card.
ver-nodate = My card shows no day or month of birth
ver-laser = Laser ID on the back of the card
ver-submit = Confirm the data is correct
ver-cancel = Cancel and choose another way
ver-checking = Checking your data. Please wait a moment.
ver-ok = Your identity is verified. You are now a permanent member.
ver-fail =
    { $n ->
        [one] The data does not match the register. Please check it against the face of your card (1 try left).
       *[other] The data does not match the register. Please check it against the face of your card ({ $n } tries left).
    }
ver-down = The checking system is unavailable for the moment. You can keep using your temporary membership.

con-title = { $client } asks for access to your data
con-body = If you allow it, the Ministry of Commerce will send the following to { $client } for this purpose: { $purpose }
con-allow = Allow
con-deny = Do not allow
con-revoke = Withdraw consent

prof-export = Download my personal data
prof-delete = Delete account
prof-delete-warn = Once confirmed, your data is erased within 30 days and cannot be restored.
prof-sessions = Signed-in devices

adm-clients = Client applications
adm-redirect = Redirect URI
adm-rotate = Issue a new secret (the old one stays valid { $n } h)
adm-audit = Audit log

# Every page.
skip = Skip to the main content
ministry = Ministry of Commerce
demo-strip = Demonstration: all data are invented
foot-owner = Office of the Permanent Secretary, Ministry of Commerce
foot-help = Questions? Call the Ministry of Commerce service centre at 1203
foot-host = Before you type your password, check that the address is { $host }
title-fault = Please correct:{" "}
form-faulty = Please check the following
required-mark = Please fill in the form. Fields marked * are required.
new-window = (opens in a new tab)
go-on = Continue
back = Back
back-login = Back to sign-in
or = or
soon = Coming soon
go-login = Go to sign-in
go-profile = Go to my page
go-service = Back to { $client }

# Sign-in.
gate-slogan = One account for the digital services of the Ministry of Commerce
gate-once = Register once, and use every linked system
gate-temporary = Start at once as a temporary member, for 60 days
gate-permanent = Verify your identity to become a permanent member, with no expiry

# Registration: the steps.
step-of-four = Step { $n } of 4
step-done = (done)
step-type = Member type
step-terms = Terms
step-email = E-mail
step-details = Details

# Registration: member type.
type-lead = Please choose what describes you.
type-public-who = Holders of a Thai citizen ID card
type-staff-who = Officials and employees of the ministry and its departments
type-juristic-who = Companies, partnerships and organisations
type-foreign-who = People without Thai nationality

# Registration: terms and privacy notice.
terms-title = Terms and privacy notice
terms-lead = Please read both documents before you go on.
terms-read-privacy = I have read the privacy notice
open-whole = Open as a page
document-version = Version { $version }, in force from { $date }

# Registration: e-mail and code.
email-title = Your e-mail
email-lead = We will send a 6-digit code to this address. You will sign in with it.
email-label = E-mail
email-hint = For example somchai@example.com
email-hint-staff = Use an address you can always read. Your ministry mailbox is needed later, to verify your identity.
email-send = Send the code
code-label = Code
code-hint = The code works once, within { $n } minutes.
code-confirm = Confirm the code
code-not-there = No mail? Please look in the spam folder, or request a new code.
code-again = Request a new code
code-other-address = Use another e-mail

# Registration: details.
details-title = Your details
details-email = E-mail for signing in
details-email-confirmed = Confirmed
details-person = About you
details-first-en = First name in English (if any)
details-last-en = Surname in English (if any)
details-phone = Mobile phone (if any)
details-phone-hint = For example 081 234 5678
details-work = Organisation and position
details-org-hint = Leave empty if you have none
details-org-hint-staff = For example Department of Internal Trade
details-password-head = Set a password
details-password = Password for signing in
title-here = - Choose -
title-other = Other (please state)
title-other-label = Other title (if any)
sex-male = Male
sex-female = Female
sex-unspecified = Not stated
reg-ptype-in = Personnel of the Ministry of Commerce
name-title-inside = The first name seems to begin with a title. Please choose one.
name-use = Use “{ $name }” instead
name-keep = Keep “{ $name }” as I typed it

# Dates.
date-day = Day
date-month = Month
date-year = Year (B.E.)
date-day-here = Day
date-month-here = - Month -
date-year-here = Year
date-unknown = Unknown
date-hint = Use the Buddhist era, for example 2538 for 1995.
date-hint-unknown = Use the Buddhist era, for example 2538 for 1995. Leave day or month empty if unknown.
date-era-ask = Did you mean the year { $year } of the Buddhist era?
date-era-yes = Yes, use { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

# After registration.
welcome-title = You are registered
welcome-lead = Please choose how to go on. You can become a permanent member later at any time.
welcome-lead-service = Please choose how to go on. You will then return to { $client }.
welcome-perm-note = Lasting, with no expiry
welcome-temp-note = Temporary (60 days); you can use the systems at once
st-temp-plain = Temporary member

# Verification.
verify-title = Verify your identity
verify-lead = Please choose how to verify. You will then be a permanent member, with no expiry.
verify-required = { $client } is open to permanent members only. Please verify your identity first; you will then return to it.
verify-account = Account
verify-public-with = With the data on the face of your citizen ID card
verify-staff-with = With the data on your citizen ID card and your ministry mailbox
verify-later = Not now
card-lead = Fill in the data exactly as on the face of your citizen ID card. We will check them against the civil register.
card-number-here = Citizen ID number
card-name = Name of the registrant
card-name-thai = In Thai
card-first = First name
card-last = Surname
card-birth = Date of birth
mailbox-title = Confirm your ministry mailbox
mailbox-lead = Please confirm your mailbox at the ministry first. You will then fill in the data on the face of your citizen ID card.
mailbox-label = Mailbox at the ministry
mailbox-domains = The address must end in
done-lead = You can use every linked system at once.
done-name = Name
done-method = Verified by
done-since = Since
done-until = Valid until
done-never = No expiry
done-on-service = Continue to { $client }
done-on-profile = Go to my page
method-register = Civil register, Department of Provincial Administration
method-staff = Civil register, staff directory and ministry mailbox

# Verification that cannot go on.
stop-retry = Try again
stop-held-title = Already verified in another account
stop-held-what = This citizen ID number is verified in another MOC Account. One person can hold one permanent account.
stop-held-do = Our staff will look into it and tell you by e-mail. If you have an earlier account, please sign in with it, or call our staff at 1203.
stop-card-title = The card is not valid
stop-card-what = The register says that this citizen ID card is not in use. This does not count as a try.
stop-card-do = Please renew the card at any district office, then verify again. Until then you can go on as a temporary member.
stop-counter-title = Please verify at the counter
stop-counter-what = These data cannot be verified online.
stop-counter-do = Please bring your citizen ID card to a provincial commerce office or to the Office of the Permanent Secretary, or call 1203.
stop-down-title = Checking is unavailable at the moment
stop-down-do = This does not count as a try. Please try again later.
stop-tries-title = No tries left for now
stop-tries-what = The data did not match the register as many times as is allowed. To protect people against misuse of their data, checking pauses.
stop-tries-do = You can try again from { $again }. Until then you can go on as a temporary member, or call our staff at 1203.
stop-young-title = Not possible online yet
stop-young-what = Verifying online is open from a certain age only.
stop-young-do = Please come to a provincial commerce office with a parent or guardian, or call 1203.
stop-staff-title = Not in the staff directory
stop-staff-what = Your data are not in the staff directory of the Ministry of Commerce.
stop-staff-do = Our staff will ask human resources and tell you by e-mail. If you do not want to wait, verify as a member of the general public.

# Consent: what services ask for.
consent-already = Allowed before
consent-later = You can withdraw your consent at any time on the page “Linked services”.
consent-policy = Privacy notice of { $client }
service-terms = Terms of { $client }
scope-openid = Signing in (an identifier for this service alone)
scope-membership = Membership and badge
scope-profile = Name, sex, date of birth, and what you chose to show (nickname, user name, picture, web page, website)
scope-email = E-mail
scope-phone = Telephone number
scope-organization = Organisation and position
scope-citizen-id = Citizen ID number
scope-verified = Data verified against the register
consent-resource = Use of { $resource } in your name
claim-settings = Language, time zone and date of the last change

# Profile.
recover-lead = Enter the e-mail you registered with. We will send a link to it, to set a new password.
recover-send = Send the link
recover-again = Ask for another link
recover-sent-title = Please check your e-mail
recover-sent-body = If this e-mail has an account, a link to set a new password is on its way. It works once, within 30 minutes.
recover-sent-none = No mail? Please look in the spam folder, or try the e-mail you registered with.
new-password-title = Set a new password
new-password-then = Every device will be signed out. Then sign in with the new password.
new-password = New password
new-password-save = Save the new password
change-password-title = Change password
change-password-then = Every other device will be signed out.
current-password = Current password
password-changed-title = Your password was changed
password-changed-body = Every other device was signed out. From now on please sign in with the new password.
password-set-body = Every device was signed out. Please sign in with the new password.
error-page-recovery-body = The link was used, or its 30 minutes are over. Please ask for another one.

profile-title = My page
profile-membership = Membership
profile-data = Personal data
profile-number = Citizen ID number
profile-phone = Mobile phone
profile-days = Days remaining
profile-verify-why = Verify your identity to keep your account for good, and to use the systems open to permanent members only.
profile-services = Linked services
profile-no-services = No service is linked to this account yet.
profile-own-service = A service of the ministry: it receives this for its duties, and you were not asked for consent.
profile-learns-nothing = It receives a reference number and no personal data.
profile-unlink = Unlink
profile-since = Linked since { $date }
profile-this-device = This device
profile-signed-in = Signed in { $date }
profile-last-used = Last used { $date }
profile-none = Not given

# The pages of one's own account.
nav-account = My account
data-title = My data and rights

# The sixty days are over.
ended-title = Your temporary membership has ended
ended-on = It ended on { $date }.
ended-safe-until = Your data are still here, and you can go on as soon as you are verified. An account that is not verified will be deleted on { $date }.
ended-safe = Your data are still here, and you can go on as soon as you are verified.

# Deleting the account.
delete-signed-out = You will be signed out everywhere at once.
delete-services = Linked services will receive nothing more from this account. For data they hold themselves, please ask them.
delete-kept = Records that the law requires are erased when their time is over.
delete-password = Your password
delete-confirm = Confirm: delete my account
delete-keep = Keep my account
deleted-title = Your account is being deleted
deleted-body = Your data will be erased by { $date }.

# Signing out.
signout-title = Sign out?
signout-what = You will be signed out of MOC Account on this device.
signout-asked = { $client } asks to sign you out of MOC Account on this device as well.
signout-stay = Stay signed in
signed-out-body = If others use this device too, please close the browser.
signed-out-back = Back to the service
signed-out-frame = Tells a linked service that you have signed out

# Faults.
wrong-code = Error code
wrong-detail = Detail for developers
wrong-reference = Reference

# Another e-mail address.
change-email-title = Change your e-mail
change-email-link = Change
change-email-lead = We will send a 6-digit code to the new address. Once it is confirmed, you sign in with the new address.
change-email-current = Current e-mail
change-email-new = New e-mail
change-email-same = This is already the e-mail of your account.
change-email-then-told = We tell the old address, and the change can be undone from there for 7 days.
change-email-then-others = Other devices will be signed out.
change-email-taken = Another account uses this e-mail. Please use another one.
change-email-other = Use another e-mail
change-email-done-title = Your e-mail has been changed
change-email-done-body = From now on, please sign in with { $email }.
change-email-done-others = Other devices have been signed out, and the old address has been told.
undo-email-title = Undo the change of e-mail?
undo-email-what = Your account will have the address { $email } again.
undo-email-then = Every device will be signed out; passkeys, authenticator app and recovery codes added since the change will be removed; and you will set a new password next.
undo-email-confirm = Undo the change of e-mail
undo-email-done-title = You have your old e-mail again
undo-email-done-body = Your account has the address { $email } again, and every device has been signed out.
undo-email-done-password = Please set a new password now: somebody else may know the old one.
undo-email-done-set = Set a new password
undo-email-frozen-body = Your old e-mail was used to register another account meanwhile, so it cannot be given back automatically.

# Sign-ins.
history-title = Sign-in history
history-lead = Where you are signed in, and the sign-ins of the last { $n } days.
history-attempts = Sign-ins so far
history-none = No sign-ins yet.
history-sign-out-there = Sign out there
history-success = Signed in
history-wrong-password = Not signed in: wrong password
history-refused-factor = Not signed in: second step refused
history-half-way = Not signed in: the password was right, the second step did not follow
history-half-way-thaid = Not signed in: ThaID confirmed it, the second step did not follow
history-stopped = Not signed in: the password was right, but the account is suspended
history-stopped-thaid = Not signed in: ThaID confirmed it, but the account is suspended
history-how-password = by password
history-how-factor = by password and a second step
history-how-passkey = by passkey
history-how-other = in another way
history-same-network = the network you are in now
history-service = To use { $client }
history-older = Show earlier ones
history-newest = Back to the latest
history-doubt = Was one of them not you?
history-doubt-what = Sign out there, then change your password. “Not signed in” means that somebody tried and did not get in.
history-network-why = We keep only the beginning of the network address. It roughly says which internet connection was used, not where you were.
network-begins = Network beginning with { $beginning }
network-local = Local network
device-unknown = Unknown device

# That was not me.
not-me-title = Was this you?
not-me-verified = Your account was verified on { $when }.
not-me-password = The password of your account was changed.
not-me-sign-in = Somebody signed in to your account with a new browser.
not-me-email-undo = The change of your account’s e-mail was undone.
not-me-sign-in-then = If it was not you, press the button below. Every device will be signed out, and you will set a new password. Nothing else about your account changes.
not-me-sign-in-confirm = Not me: sign out everywhere
disputed-title = Signed out on every device
disputed-body = Whoever signed in then can no longer use your account.
disputed-password = Please set a new password now: somebody else may know the old one.
not-me-then = If you did not do this, press the button. Every device will be signed out, the account will be suspended for now, and our staff will contact you.
not-me-confirm = It was not me: suspend this account
not-me-was-me = It was me: nothing to do

# The answer to a service.
form-post-title = Taking you back to the service
form-post-what = If nothing happens within a few seconds, press the button.
form-post-go = Continue

# What is wrong with a field.
terms-accept-first = Please read and accept the terms before you go on.
terms-privacy-first = Please read the privacy notice and tick the box.
email-check = Please type the whole e-mail address, for example somchai@example.com.
date-era-check = The year seems to be of the Christian era. Please enter the year of the Buddhist era.
field-missing = Please fill in this field.
password-missing = Please set a password.
delete-password-bad = The password is not right. Please try again.

stopped-to-profile = Go to my profile
stopped-go-on = Go on as a temporary member
deleting-title = Your account will be erased
deleting-body = Your data will be erased by { $date }. If you change your mind, sign in before then and choose to keep the account.
deleting-keep = Keep this account
keep-title = Keep this account
keep-body = When you press the button, the deletion is cancelled and you can use the account as before.
suspended-title = This account is suspended
not-me-done-title = The account is suspended
not-me-done-body = Every device is signed out and nobody can sign in. Our staff will contact you by e-mail. If you need help, call 1203.

# A device without a keyboard (RFC 8628).
device-title = Connect a device
device-lead = Please enter the code that your device shows.
device-label = Code from the device
device-hint = 8 English letters, such as BCDF-GHJK
device-go = Continue
device-wrong = There is no such code, or it has expired. Please check the code on the device, or ask the device for a new one.
device-confirm-title = Allow a device to use { $client } in your name?
device-confirm-code = Please check that the device shows the code { $code }. It would receive:
device-warning = Allow only a device that is in front of you and that you started yourself. If somebody sent you this code or link, by telephone, message or e-mail, please do not allow it.
device-allow = Allow this device
device-deny = Do not allow
device-done-title = The device is connected
device-done-body = Please go back to your device. You can close this page.
device-denied-title = The device is not connected
device-denied-body = The device has received nothing of yours. You can close this page.
device-home = To the start page
