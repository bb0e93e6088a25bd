# The second step of signing in, and the security of the account.
second-title = Confirm it is you
second-lead = Your password is right. Please confirm with a second step to sign in.
second-lead-more = This needs two steps of sign-in. Please confirm the second one to go on.
second-totp-label = 6-digit code from your authenticator app
second-totp-hint = Open the authenticator app on your phone and type the code it shows for MOC Account
second-recovery-label = Recovery code
second-recovery-hint = One of the 16-character codes you kept. Each works once
second-mail-lead = We will send a 6-digit code to { $dest }
second-mail-send = Send the code by e-mail
second-mail-better = You can set up an authenticator app on the security page of your account: it is safer, and there is no mail to wait for
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
second-lost = If you have neither the app nor a recovery code, please contact our staff as shown at the foot of this page. They check who you are before they help.
second-cancel = Cancel

mail-second-subject = Code for the second step of sign-in
mail-second-purpose = Somebody signed in to your account and is asked for the second step. Please type this code to go on.
mail-second-not-you = If you did not sign in, somebody else got past the first step: tell nobody this code, and change the password soon.

sec-title = Account security
sec-advice = A password alone can become known to others. Please add an authenticator app, so that only whoever holds your phone can sign in.
sec-password = Password
sec-password-change = Change the password
sec-since = Set up on { $date }
sec-last = Last used { $when }
sec-totp = Authenticator app
sec-totp-what = An app on your phone shows a 6-digit code that changes every 30 seconds. You type it after the password when you sign in. It works without the internet.
sec-totp-add = Add an authenticator app
sec-totp-remove = Remove the authenticator app
sec-codes = Recovery codes
sec-codes-what = They stand in for the app when the phone is lost or broken. Each works once. Please keep them in a safe place.
sec-codes-left = { $n } of 10 left
sec-codes-new = Make new recovery codes
sec-back = Back to account security
totp-title = Add an authenticator app
totp-lead = Use the authenticator app you have, or install any that knows one-time codes (TOTP)
totp-step-app = Open the authenticator app on your phone and choose to add an account
totp-step-scan = Scan this QR code with the app
totp-picture = QR code for the authenticator app
totp-open = Open the app on this phone
totp-type = If you cannot scan it, type this secret into the app, and tell it to nobody
totp-step-code = Type the 6-digit code that the app shows, to confirm that all is set
totp-confirm = Confirm and switch on
totp-first-wrong = The code is not right. Please type the newest one that the app shows, and check that the phone sets its clock by itself.
totp-remove-title = Remove the authenticator app
totp-remove-what = Once it is removed, signing in asks for no code from the app any more, and your recovery codes stop working. Other devices are signed out.
codes-lead = All set. Please keep these recovery codes for the day the phone is lost or broken.
codes-once = They are shown this once. We cannot show them again, and earlier codes have stopped working.
codes-save = Save as a file
codes-kept = I have kept them, go on
codes-print = You can print this page and keep it on paper. Please do not keep the codes on the phone that has the app.
codes-new-warn = With a new set, all earlier recovery codes stop working at once, and other devices are signed out.
not-me-factors = You are telling us that you did not change the second step of sign-in for this account.

mail-factors-subject = The way you sign in was changed
mail-factors-totp-added = An authenticator app was added to your MOC Account on { $moment }. From now on signing in also asks for a code from the app.
mail-factors-totp-removed = The authenticator app was removed from your MOC Account on { $moment }. Signing in asks for no code from it any more.
mail-factors-codes = New recovery codes were made for your MOC Account on { $moment }. The earlier ones have stopped working.
mail-factors-other = The second step of signing in to your MOC Account was changed on { $moment }.
mail-factors-what = Other devices that were signed in before have been signed out.
mail-factors-not-you = If you did not do this, tell us at once by the link below. The account is suspended until our staff has looked at it.
