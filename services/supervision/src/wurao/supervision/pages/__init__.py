"""Pages for people: server-rendered, whole in one answer."""
