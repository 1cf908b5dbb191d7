"""The web: the application, its routes, security headers, problems, templates and static files."""
