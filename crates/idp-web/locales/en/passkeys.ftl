# Passkeys
passkey = Passkey
login-passkey = Sign in with a passkey
login-or = or
passkey-follow = Please follow what your device shows.
passkey-cancelled = No passkey was used: it was cancelled, or took too long. Please try again, or use another way.
passkey-trouble = Passkeys do not work at the moment. Please try again, or sign in with your password.
passkey-there = This device already has a passkey of this account.
passkey-bad = This passkey could not sign you in. Please try again, or sign in with your password.
passkey-late = This page was open for too long. Please press the passkey button again.
passkeys-title = Your passkeys
passkeys-lead = A passkey takes the place of a password. You sign in with your fingerprint, your face or your screen lock, without typing anything, and no fake website can trick you out of it.
passkeys-none = You have no passkey yet.
passkey-since = Added { $date }
passkey-last = Last used { $date }
passkey-unused = Never used
passkey-backed-up = Backed up
passkey-name = Name of the passkey
passkey-name-hint = A name that tells you which device it is.
passkey-rename = Rename
passkey-rename-save = Save name
passkey-remove = Remove
passkey-remove-then = This passkey will not sign you in any more, and all other devices will be signed out. Without any passkey or authenticator app the password alone signs you in, and your recovery codes stop working.
passkey-remove-sure = Yes, remove it
passkey-add-title = Add a passkey
passkey-add = Create a passkey
passkey-add-then = Once it is added, your password alone no longer signs anybody in, all other devices are signed out, and we tell you by e-mail.
passkey-prove-first = To keep your account safe, please prove again that it is you before you add or remove a passkey.
passkey-prove = Prove that it is you
passkey-unable = This browser does not support passkeys. You can sign in with your password as always, or open this page on a newer phone or computer.
passkey-add-bad = This passkey could not be added. Please try again.
passkey-no-room = You have reached the number of passkeys allowed. Please remove one that you do not use.
passkey-added = The passkey was added. All other devices are signed out.
passkey-removed = The passkey was removed. All other devices are signed out.
passkey-renamed = The passkey has its new name.
passkey-name-empty = Please give the passkey a name.
passkey-name-long = The name may have 60 characters at most.
passkey-name-odd = The name has a character that cannot be used. Please type it again.
profile-passkeys = Manage passkeys
profile-passkeys-then = Sign in without typing a password.
not-me-passkey = A passkey of your account was added or removed.

# Mail
mail-passkey-added-subject = A passkey was added to your account
mail-passkey-added-purpose = The passkey “{ $passkey }” was added to your account on { $moment }.
mail-passkey-removed-subject = A passkey was removed from your account
mail-passkey-removed-purpose = The passkey “{ $passkey }” was removed from your account on { $moment }.
mail-passkey-what = All other devices that were signed in are signed out. If it was you, there is nothing to do.
mail-passkey-not-you = If you did not do this, please follow the link below at once to freeze the account.

# After repeated failures
work-wait = Because of repeated failures, please wait { $n } seconds before you press the button.
work-busy = Because of repeated failures, we are checking for a moment. There is nothing for you to do.
work-ready = The check is done. You can press the button.
work-first = The password was not looked at yet, because of repeated failures. Please type it again, and wait as told before you press the button.
work-first-code = The code was not looked at yet, because of repeated failures. Please type it again, and wait as told before you press the button.
work-first-email = No mail was sent yet, because of repeated failures. Please wait as told before you press the button.
