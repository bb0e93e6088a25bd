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
second-cancel = Cancel

mail-second-subject = Code for the second step of sign-in
mail-second-purpose = Somebody signed in with your password. Please type this code to go on.
mail-second-not-you = If you did not sign in, somebody knows your password: tell nobody this code, and change the password soon.
