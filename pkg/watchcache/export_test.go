package watchcache

// IsFollowing is true while the cache has an observer.
func (c *Cache[O, U]) IsFollowing() bool { return c.current() != nil }
