"""What is going to be told, and what a person does about it."""
