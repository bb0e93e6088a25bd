# The second step of signing in, and the security of the account.
second-title = Confirm it is you
second-lead = Your password is correct. Please confirm with a second step to sign in.
second-lead-more = This needs two-step sign-in. Please confirm the second step to go on.
second-totp-label = 6-digit code from your authenticator app
second-totp-hint = Open the authenticator app on your phone and type the code it shows for MOC Account.
second-recovery-label = Recovery code
second-recovery-hint = One of the 16-character codes you kept. Each works once.
second-passkey-hint = Your account has a passkey. Use it to go on: your fingerprint, your face or your screen lock.
second-passkey-use = Use a passkey
second-passkey-unable = This browser does not support passkeys. Please use another way below, or sign in with a newer phone or computer.
second-by-passkey = Use a passkey
second-mail-lead = We will send a 6-digit code to { $dest }.
second-mail-send = Send the code by e-mail
second-mail-better = You can set up an authenticator app on the security page of your account: it is safer, and there is no mail to wait for.
second-confirm = Confirm
second-others = Use another way
second-by-totp = Use a code from the authenticator app
second-by-recovery = Use a recovery code
second-by-mail = Use a code by e-mail
second-wrong = The code is not right, or was used already. Please type the newest one that the app shows.
second-recovery-wrong = The recovery code is not right, or was used already. Please check it, or try another.
second-wait =
    Too many wrong codes. Please wait { $n ->
        [one] 1 minute
       *[other] { $n } minutes
    } and try again.
second-lost = If you have none of these any more, you can help yourself, with a waiting time for your safety.
second-cancel = Cancel

mail-second-subject = Code for the second step of sign-in
mail-second-purpose = Somebody signed in to your account and is asked for the second step. Please type this code to go on.
mail-second-not-you = If you did not sign in, somebody else got past the first step: tell nobody this code, and change the password soon.

sec-title = Account security
sec-advice = A password alone can become known to others. Please add a passkey or an authenticator app, so that only whoever holds your device can sign in.
sec-password = Password
sec-password-change = Change password
sec-since = Set up on { $date }
sec-last = Last used { $when }
sec-totp = Authenticator app
sec-totp-what = An app on your phone shows a 6-digit code that changes every 30 seconds. You type it after the password when you sign in. It works without the internet.
sec-totp-add = Add an authenticator app
sec-totp-remove = Remove the authenticator app
sec-passkeys-what = Your device confirms that it is you, by your fingerprint, your face or its screen lock. You type nothing, and no fake website can trick you out of it.
sec-passkeys-count = You have { $n ->
        [one] 1 passkey
       *[other] { $n } passkeys
    }
sec-codes = Recovery codes
sec-codes-what = They stand in for the passkey or the app when the phone is lost or broken. Each works once. Please keep them in a safe place.
sec-codes-left = { $n } of 10 left
sec-codes-new = Make new recovery codes
sec-back = Back to account security
totp-title = Add an authenticator app
totp-lead = Use the authenticator app you have, or install any that supports one-time codes (TOTP).
totp-step-app = Open the authenticator app on your phone and choose to add an account
totp-step-scan = Scan this QR code with the app
totp-picture = QR code for the authenticator app
totp-open = Open the app on this phone
totp-type = If you cannot scan it, type this secret into the app, and tell it to nobody.
totp-step-code = Type the 6-digit code that the app shows, to confirm that all is set
totp-confirm = Confirm and switch on
totp-first-wrong = The code is not right. Please type the newest one that the app shows, and check that the phone sets its clock by itself.
totp-remove-title = Remove the authenticator app
totp-remove-what = Once it is removed, signing in asks for no code from the app any more. If you have no passkey either, the password alone signs you in, and your recovery codes stop working. Other devices are signed out.
codes-lead = All set. Please keep these recovery codes for the day the phone is lost or broken.
codes-once = They are shown this once. We cannot show them again, and earlier codes have stopped working.
codes-save = Save as a file
codes-kept = I have kept them, go on
codes-print = You can print this page and keep it on paper. Please do not keep the codes on the phone that has the passkey or the app.
codes-new-warn = With a new set, all earlier recovery codes stop working at once, and other devices are signed out.
not-me-factors = You are telling us that you did not change the second step of sign-in for this account.

mail-factors-subject = The way you sign in was changed
mail-factors-totp-added = An authenticator app was added to your MOC Account on { $moment }. From now on signing in also asks for a code from the app.
mail-factors-totp-removed = The authenticator app was removed from your MOC Account on { $moment }. Signing in asks for no code from it any more.
mail-factors-codes = New recovery codes were made for your MOC Account on { $moment }. The earlier ones have stopped working.
mail-factors-other = The second step of signing in to your MOC Account was changed on { $moment }.
mail-factors-what = Other devices that were signed in before have been signed out.
mail-factors-not-you = If you did not do this, tell us at once with the link below. The account is suspended until our staff have looked at it.

lost-title = Without your passkey, app and recovery codes
lost-lead = You can have the second step removed from your account yourself, in these steps.
lost-step-mail = Show that the account’s mailbox is yours, by a code that we send there.
lost-step-identity = If your identity was verified, verify it with the civil registry once more.
lost-step-wait = Wait { $hours } hours. The owner of the account can object meanwhile, and a sign-in with a passkey, the app or a recovery code cancels the request.
lost-step-remove = Sign in again to remove the old second step, and set up a new one.
lost-send = Send a code to { $dest }
lost-no-mailbox = If you cannot read this mailbox any more either, please register a new account with one that you can read. If your identity was verified, verify it there again: our staff then look at both accounts and move the badge.
lost-begin = Begin the waiting time
lost-waiting-title = The waiting time has begun
lost-waiting-until = You can go on from { $moment }: sign in with your password and open this page again. We will send an e-mail when the time has come.
lost-waiting-found = If you find your phone or a recovery code, simply sign in as usual. This request is then cancelled at once.
lost-remove-title = The waiting time is over
lost-remove-what = If you go on, all earlier passkeys, the authenticator app and the recovery codes stop working, and every other device is signed out. Please set up a new passkey or app on the security page.
lost-remove-mailbox = To be safe, please prove your mailbox once more before going on.
lost-remove = Remove the old ones and sign in
lost-back = Back to the second step
lost-down = The registry does not answer at the moment. Please try again later.
lost-tries = Too many tries. Please try again from { $moment }.
lost-card-invalid = This card cannot be used. Please ask at your district office.
lost-card-lead = Please type what is printed on your citizen ID card, to show that this account is yours.
not-me-lost-factor = Somebody asked for the second step of your account to be removed. The request will be cancelled.

mail-lost-code-subject = Your code about the lost second step
mail-lost-code-purpose = This code asks for the second step of your MOC Account to be removed, for when you have no passkey, no app and no recovery code.
mail-lost-waiting-subject = Somebody asked for your second step to be removed
mail-lost-waiting-what = On { $moment } somebody told us that passkey, app and recovery codes are lost, and asked for the second step of your MOC Account to be removed.
mail-lost-waiting-until = Nothing changes before { $moment }. If you find your phone or a recovery code, simply sign in as usual: that cancels the request.
mail-lost-over-subject = The waiting time for your second step is over
mail-lost-over-what = The waiting time is over. Whoever signs in with your password next, within 7 days, can remove the old second step.
mail-lost-not-you = If you did not ask for this, somebody else knows your password. Please cancel it at once with the link below, and set a new password.
mail-factors-lost-removed = The second step of your MOC Account was removed on { $moment }, as requested before the waiting time.
lost-alert-head = Somebody says that all your second factors are lost, and asked for them to be removed from { $date }.
lost-alert-what = If it was you, there is nothing to do. If it was not, please confirm it is you with your passkey or authenticator app: that cancels the request at once.
lost-alert-call-off = This was not me: cancel the request
