# Mails. Subjects carry no secret and no name: they are shown on locked screens.

mail-greeting-name = Dear { $name },
mail-greeting-newcomer = Dear registrant,
mail-greeting-member = Dear MOC Account member,
mail-sign-off =
    Yours faithfully,
    MOC Account, Ministry of Commerce
mail-contact = Questions? Call the Ministry of Commerce service centre at { $hotline }.
mail-automatic = This mail was sent automatically, please do not reply. Our staff never ask for your password or code.
mail-not-you = If you did not do this, please call us soon at the number below.

mail-code-label = Your 6-digit code
mail-code-reference = Reference { $reference }
mail-code-expiry = The code works once, for { $minutes } minutes. Please tell it to nobody.
mail-verify-action = Verify and become a permanent member
mail-delete-action = Delete the account

mail-confirm-subject = Code to confirm your e-mail
mail-confirm-purpose = Somebody is registering for MOC Account with this e-mail address. Please type this code on the registration page.
mail-confirm-not-you = If you did not do this, there is nothing to do: no account will be made.

mail-already-subject = A registration with your e-mail
mail-already-purpose = Somebody tried to register for MOC Account with this e-mail address. It already belongs to a member, so no new account was made.
mail-already-what = If it was you, please sign in with the account you have.
mail-already-action = Sign in
mail-already-not-you = If you did not do this, there is nothing to do: your account has not changed.

mail-staff-subject = Code to confirm your ministry mailbox
mail-staff-purpose = Somebody is verifying as ministry personnel with this mailbox. Please type this code on the verification page.
mail-staff-not-you = If you did not do this, tell nobody the code and call us at the number below.

mail-welcome-subject = Welcome to MOC Account
mail-welcome-purpose = You are registered with MOC Account and can use the services of the Ministry of Commerce at once.
mail-welcome-until = Your membership is temporary. You can use it until { $date }.
mail-welcome-permanent = To become a permanent member, which never expires, verify your identity on your profile page after signing in.

mail-ending-subject = Your temporary membership: { $days ->
    [one] 1 day
   *[other] { $days } days
    } left
mail-ending-purpose = Your temporary membership has { $days ->
    [one] 1 day
   *[other] { $days } days
    } left. You can use it until { $date }.
mail-ending-what = Please verify your identity with the data on your citizen ID card, and you stay a member with no end date.
mail-ending-not-you = If you did not register this account, please call us at the number below.

mail-ended-subject = Your 60 days have ended
mail-ended-purpose = Your temporary membership has reached its 60 days, so the services of the Ministry of Commerce are closed to you for now.
mail-ended-what = Please verify your identity to continue, or delete the account if you no longer need it.
mail-ended-what-until = Please verify your identity to continue. If you no longer need the account you can delete it; otherwise it is deleted with your data on { $date }.

mail-verified-subject = Verified: you are now a permanent member
mail-verified-purpose = Your identity was verified on { $moment }. You are a permanent member, with no end date.
mail-verified-what = Every service linked to MOC Account is open to you. The badge is shown on your profile.
mail-verified-not-you = If you did not do this, please tell us at once with the link below. The badge is then held until our staff have looked into it.
mail-recover-subject = Set a new password
mail-recover-purpose = Somebody asked for a new password for your MOC Account. If it was you, please set one with the link below.
mail-recover-action = Set a new password
mail-recover-expiry = The link works once, within { $minutes } minutes.
mail-recover-not-you = If you did not ask for this, there is nothing to do: your password stays as it is.

mail-password-subject = Your password was changed
mail-password-purpose = The password of your MOC Account was changed on { $moment }.
mail-password-what = Devices that were signed in before have been signed out.
mail-password-not-you = If you did not change it, tell us at once with the link below. The account is suspended until our staff have looked at it.

mail-not-me-action = This was not me
mail-method-registry = Method: your citizen ID card data was checked with the civil registry.
mail-method-staff = Method: your data was checked with the ministry's staff directory and mailbox.
mail-method-thaid = Method: the ThaID app.
mail-method-review = Method: checked by our staff.
mail-method-other = Method: your data was checked with a state agency.

mail-presented-subject = Another account used your citizen ID number
mail-presented-purpose = On { $moment } another account tried to verify with the data on your citizen ID card. This was refused, because the number belongs to your account.
mail-presented-what = Your account is unchanged. If it was you, please sign in with this account.
mail-presented-not-you = If you did not do this, please contact our staff at the number below.

mail-withdrawn-subject = Your badge was withdrawn
mail-withdrawn-purpose = The badge of your account was withdrawn, so your membership is temporary again.
mail-withdrawn-until = You can use the temporary membership until { $date }. Please verify again to become a permanent member.
mail-withdrawn-not-you = If you did not ask for this or think it is wrong, please call us at the number below.

mail-unused-subject = Services that nobody has used for 90 days
mail-unused-purpose = Services that are open and that nobody has used for more than 90 days: { $count }
mail-unused-list = { $services }
mail-unused-what = A service that is no longer needed should be suspended, or removed: a secret and an address that everybody has forgotten are a way in for somebody else.
mail-unused-action = See the services
mail-unused-why = If you did not expect this, because you no longer look after these services, tell an operator. They are looked for every night, and you are told again when the list changes.
mail-signed-out-subject = Signed out on every device
mail-signed-out-purpose = Your account was signed out on every device on { $moment }.
mail-signed-out-what = Your sessions at the linked services have ended too. You can sign in again as usual.
mail-change-code-subject = Code to change your e-mail
mail-change-code-purpose = A member of MOC Account wants to use this e-mail address for their account. Please type this code on the page where you change your e-mail.
mail-change-code-not-you = If you did not do this, there is nothing to do: tell nobody the code, and no account will use this address.

mail-wanted-subject = Somebody wanted to use your e-mail for another account
mail-wanted-purpose = On { $moment } a member asked to change the e-mail of their account to this address. It belongs to your account, so nothing was done.
mail-wanted-what = Your account has not changed. If it was you, please sign in with the account that has this address.
mail-wanted-not-you = If you did not do this, there is nothing to do.

mail-changed-subject = The e-mail of your account was changed
mail-changed-purpose = The e-mail of your MOC Account was changed to { $address } on { $moment }.
mail-changed-what = From now on you sign in with the new address, and we no longer write to this one about the account. Other devices that were signed in have been signed out.
mail-changed-not-you = If you did not change it, please use the link below before { $moment }. You get this address back, every device is signed out, and you set a new password.
mail-changed-undo = Undo the change

mail-is-new-subject = Your account now has this e-mail
mail-is-new-purpose = Your MOC Account has had this e-mail address since { $moment }.
mail-is-new-what = Please sign in with it from now on. We have told the old address.

mail-undone-subject = The change of e-mail was undone
mail-undone-purpose = On { $moment } the change of a MOC Account to this e-mail address was undone from the old address.
mail-undone-what = The account has its old address again, and every device has been signed out.
mail-undone-not-you = If you did not undo it yourself, tell us at once with the link below. The account is suspended until our staff have looked at it.

mail-sign-in-subject = New sign-in to your account
mail-sign-in-purpose = Somebody signed in to your MOC Account with a browser that was not used before, on { $moment }.
mail-sign-in-device = Device: { $device }
mail-sign-in-network = From: { $network }
mail-sign-in-was-you = If it was you, there is nothing to do.
mail-sign-in-not-you = If you did not sign in then, somebody else can get into your account. Please use the link below: every device is signed out, and you set a new password. Nothing else about your account changes.
mail-known-subject = Somebody knows your password
mail-known-purpose = On { $moment }, somebody gave the right e-mail and password of your MOC Account in a browser that was not used before. The second step did not follow, so nobody was signed in.
mail-known-not-you = If you did not do this, somebody else knows your password. Please set another one now, and tell nobody the codes of your second step.
mail-known-action = Change the password

mail-deletion-subject = Your request to delete the account
mail-deletion-purpose = We have your request to delete the account. Its data is erased by { $date } and cannot be restored.
mail-deletion-what = Linked services receive nothing about you any more. If you change your mind, sign in before that day to keep the account.
mail-deletion-not-you = If you did not do this, please call us at the number below before that day.
# --- Letters from our staff ---
mail-review-subject = Our staff are checking your verification
mail-review-purpose = We could not verify your identity automatically, so our staff will look at it.
mail-review-what = There is nothing for you to do. We will tell you the outcome at this address. Until then you can go on as a temporary member.
mail-review-action = See the current status
mail-review-not-you = If you did not ask to be verified, please change your password and call us at the number below.
mail-declined-subject = The outcome of your verification
mail-declined-purpose = Our staff looked at your verification and could not confirm it.
mail-declined-person = Reason: it could not be shown that the citizen ID number is yours.
mail-declined-personnel = Reason: human resources have no record of you as personnel of the ministry. You can still verify as a member of the general public.
mail-declined-nothing = Reason: we could not reach you, or what we asked for has not arrived.
mail-declined-correct = Reason: your data have to be corrected first. Please check them with the civil registry or your human resources.
mail-declined-what = Your account stays a temporary membership. You can verify again at any time.
mail-suspended-subject = Your account was suspended
mail-suspended-purpose = Our staff suspended your account on { $moment }.
mail-suspended-why = Reason: { $reason }
mail-suspended-what = You are signed out on every device, and cannot sign in until our staff reopen the account.
mail-suspended-not-you = If you did not ask for this or do not know why, please call us at the number below.
mail-restored-subject = Your account can be used again
mail-restored-purpose = Our staff reopened your account on { $moment }.
mail-restored-what = You can sign in with your password. If somebody else may know it, please set a new one on the sign-in page.
mail-restored-disputed = You told us of something in your account that was not you, so the old password no longer works. Please set a new one.
mail-restored-recover = Set a new password
mail-restored-action = Go to the sign-in page
mail-officer-not-you = If you did not ask our staff for this, please call us at the number below.
mail-sessions-subject = Our staff signed you out on every device
mail-sessions-purpose = Our staff signed your account out on every device on { $moment }.
mail-extended-subject = Your temporary membership was extended
mail-extended-purpose = Our staff extended your temporary membership. You can use it until { $date }.
mail-extended-what = Once you are verified you are a permanent member, with no end date.
