/**
 * The {@code lodestone} program: what people type and see. Each command is one class that wires its
 * parts top to bottom, runs them, and prints a {@link Report}. Nothing else in the house prints.
 * Start at {@link Lodestone}.
 */
package io.lodestone.cli;
