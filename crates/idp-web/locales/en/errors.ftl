# What went wrong, and what to do next.

error-national-id-empty = Enter your 13-digit citizen ID
error-national-id-g-code = A number beginning with G is a school's code, not a citizen ID. Enter the 13 digits on your card.
error-national-id-not-digits = A citizen ID has digits only. Check it and enter it again.
error-national-id-length = A citizen ID has 13 digits; you entered { $digits }. Check it and enter it again.
error-national-id-checksum = Not a valid ID number. Check all 13 digits.
error-national-id-staff-counter = Numbers beginning with 0 or 9 cannot be verified online. Please contact our staff to verify your identity.
error-national-id-test-number = This number is for testing only. Enter the number on your own ID card.
error-name-empty = Enter the first name
error-surname-empty = Enter the surname
error-name-too-long = The name is longer than 100 characters. Check it and enter it again.
error-name-not-thai = Use Thai, as on the card
error-name-not-latin = Use English letters, as on your card or passport
error-name-bad-character = “{ $character }” cannot be part of a name. Remove it and try again.
error-name-bad-order = A vowel or tone mark is out of place. Check the spelling on your ID card.
error-name-only-title = “{ $title }” is a title. Enter only the name here.
error-name-title = This field takes the name without a title. Remove “{ $title }” and use “{ $rest }”? If it is part of the name, confirm it as typed.
error-title-empty = Choose a title
error-title-too-long = The title is longer than 50 characters. Please shorten it.
error-title-bad-character = “{ $character }” cannot be part of a title. Remove it and try again.
error-date-year-missing = Enter the year in the Buddhist Era, for example 2538
error-date-year-not-a-number = Enter the Buddhist Era year as four digits, for example 2538
error-date-year-range = Check the Buddhist Era year and enter all four digits, for example 2538
error-date-christian-era = Did you mean B.E. { $suggestion }? Enter the year in the Buddhist Era
error-date-month = The month is not valid. Choose again, or choose “Unknown” if your card shows no month.
error-date-day = The day is not valid in this month. Check it, or leave it empty if your card shows no day.
error-date-day-without-month = Choose the month too, or leave the day empty if your card shows no month
error-date-future = This date has not come yet. Check the day, month and year and enter them again.
error-email-empty = Enter your e-mail address
error-email-too-long = The e-mail address is too long. Check it and enter it again.
error-email-at = An e-mail address has one @, as in name@example.com. Please check.
error-email-bad-character = “{ $character }” cannot be part of an e-mail address. Use English letters and no spaces.
error-email-local-part = The part before the @ is not valid. Check its full stops and letters.
error-email-domain = The part after the @ is not valid. Check it, for example example.com.
error-phone-empty = Enter your telephone number
error-phone-not-digits = A telephone number has digits only. Check it and enter it again.
error-phone-length = The telephone number has a wrong number of digits. Check it, for example 081-234-5678.
error-phone-not-thai = Enter a number in Thailand, beginning with 0 or +66
error-password-too-short = Use at least { $min } characters; a phrase you can remember
error-password-too-long = Use at most { $max } characters
error-password-common = This password is easy to guess. Use a phrase you can remember and use nowhere else.
error-password-own-data = This password is made of your own data, such as your name or e-mail. Use a phrase others cannot guess.

error-member-type = Choose a member type
error-accept-terms = Read the terms and tick the box to accept them before you go on
error-read-privacy = Read the privacy notice and tick the box before you go on
error-sex = Choose one, or choose “Not stated”
error-personnel-type = Choose a personnel type
error-organization = Enter your organisation (at most 200 characters)
error-department = Enter your section or division (at most 200 characters)
error-position = Enter your position (at most 200 characters)
error-code-wrong =
    { $n ->
        [one] That code is not right. Check the mail and try again (1 try left).
       *[other] That code is not right. Check the mail and try again ({ $n } tries left).
    }
error-code-spent = The code has expired or was entered wrongly too often. Ask for a new one.
error-code-soon = Wait one minute before you ask for a new code
error-mailbox-domain = Use a Ministry of Commerce mailbox that ends in { $domains }
error-too-young = You are younger than { $n }, so you cannot verify online yet. Please call our staff at 1203.
error-incomplete = The register needs more. Enter day, month and year of birth exactly as on the card.
error-delete-password = Wrong password. Check it and try again.

error-page-home = Go to the home page
error-page-request-title = This request cannot be carried out
error-page-request-body = What was sent is incomplete or not valid. Please start again from the home page.
error-page-form-title = This form has expired
error-page-form-body = For your safety, open the page again and repeat what you did. Nothing has been changed.
error-page-missing-title = Page not found
error-page-missing-body = The address may have changed or may be incomplete. Please start from the home page.
error-page-expired-title = This sign-in has timed out
error-page-expired-body = Please go back to the service you want to use and sign in again.
error-page-often-title = Too many attempts
error-page-busy-title = The service is not available for a moment
error-page-busy-body = Nothing has been changed. Wait a moment and try again.
error-page-broken-title = Something went wrong on our side
error-page-broken-body = Nothing has been changed. Please try again; if it happens again, call 1203 and give the reference below.
error-page-service-title = This service sent a sign-in request that is not valid
error-page-service-body = For your safety we stopped here. Please go back to the service and try again; if it happens again, please tell the service.
error-page-logout-title = This service sent a sign-out request that is not valid
error-page-logout-body = You can still sign out of MOC Account with the button below.
error-page-registered-title = This e-mail is registered already
error-page-registered-body = The registration with this e-mail was completed in another window. Sign in with the e-mail and the password you chose.
error-page-link-title = This link has expired or was used already
error-page-undo-body = The link that undoes a change of e-mail works once, within 7 days. If you need help, please call our staff at 1203.
error-page-link-body = If you need help, please call our staff at 1203.

service-draft-title = { $en } is not open yet
service-draft-body = { $owner_en } is still preparing this service. Please come back when it has been announced.
service-suspended-title = { $en } is suspended at the moment
service-suspended-body = The service says: “{ $note_en }”. You cannot sign in to it now; your MOC Account and your other services work as usual. Questions are answered by { $owner_en }.
service-ended-title = { $en } has closed
service-ended-body = { $owner_en } has closed this service. Your MOC Account and your other services work as usual.
