/**
 * What a server has to bear: many watches and connections, clients that read slowly or vanish, and
 * bytes that mean nothing. The store runs as a process with the memory of {@code ./lodestone
 * store}.
 */
package io.lodestone.conformance.robust;
