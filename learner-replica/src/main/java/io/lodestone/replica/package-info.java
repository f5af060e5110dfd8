/**
 * A live copy that serves: room kept for the learner replica. Nothing is here yet; {@code
 * docs/limits.md} says so.
 */
package io.lodestone.replica;
