/**
 * Hot migration between clusters: room kept for the migrator. Nothing is here yet; {@code
 * docs/limits.md} says so.
 */
package io.lodestone.migrate;
