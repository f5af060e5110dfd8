/**
 * Inspections: each looks at a cluster, or at its backups, from one side, changes nothing, and
 * tells {@link io.lodestone.inspect.Observation}s with a hint where something is wrong or soon will
 * be. Start at {@link io.lodestone.inspect.Inspection}.
 */
package io.lodestone.inspect;
