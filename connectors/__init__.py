"""What talks to the outside: one module a platform; shared machinery has a leading underscore."""
