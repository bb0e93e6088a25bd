# The 80 strings fixed with the ministry (docs: thai-identity section 8): change none alone.

login = Sign in
login-user = E-mail or username
login-password = Password
login-show = Show password
login-forgot = Forgot password
login-register = Never registered before? Click here to register
login-to = Sign in to continue to { $client }
login-bad = The e-mail or password is not right. Please check them and try again
login-locked =
    { $n ->
        [one] Sign-in is paused after several wrong passwords. Please try again in 1 minute
       *[other] Sign-in is paused after several wrong passwords. Please try again in { $n } minutes
    }
login-suspended = Your account has been suspended. Please contact our staff
login-thaid = Sign in with ThaID

session-expired = Session expired. Please sign in again

link-expired = This link has expired or was already used. Please request a new one

rate-limited = Too many attempts in a short time. Please wait a moment and try again

reauth = For your security, please confirm your password again

otp-title = Enter the 6-digit code
otp-sent = We sent a code to { $dest } (reference { $ref })
otp-resend = Request a new code ({ $n } s)
otp-bad = The code is wrong or has expired

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
reg-pw-rule = At least { $n } characters. Use a phrase you can remember and use nowhere else
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
st-expired = Your 60 days as a temporary member have ended. Verify your identity to continue
st-perm = Permanent member
st-verified = Verified

ver-public = Verify as a member of the general public
ver-staff = Verify as ministry personnel
ver-pid = 13-digit citizen ID number
ver-pid-bad = This is not a valid citizen ID number. Please check all 13 digits
ver-thai-only = Please write in Thai, as on the face of the citizen ID card
ver-nodate = My card shows no day or month of birth
ver-laser = Laser ID on the back of the card
ver-submit = Confirm the data is correct
ver-cancel = Cancel and choose another way
ver-checking = Checking your data. Please wait a moment
ver-ok = Your identity is verified. You are now a permanent member
ver-fail =
    { $n ->
        [one] The data does not match the register. Please check it against the face of your card (1 try left)
       *[other] The data does not match the register. Please check it against the face of your card ({ $n } tries left)
    }
ver-down = The checking system is unavailable for the moment. You can keep using your temporary membership

con-title = { $client } asks for access to your data
con-body = If you allow it, the Ministry of Commerce will send the following to { $client } for: { $purpose }
con-allow = Allow
con-deny = Do not allow
con-revoke = Withdraw consent

prof-export = Download my personal data
prof-delete = Delete account
prof-delete-warn = Once confirmed, your data is erased within 30 days and cannot be restored
prof-sessions = Signed-in devices

adm-clients = Client applications
adm-redirect = Redirect URI
adm-rotate = Issue a new secret (the old one stays valid { $n } h)
adm-audit = Audit log
