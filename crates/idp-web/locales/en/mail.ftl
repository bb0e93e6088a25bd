# Words of the mails.
