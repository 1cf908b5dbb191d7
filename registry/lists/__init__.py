"""Lists of strangers, of certificates or of agencies: their files, header, cells, and where their tables end."""
