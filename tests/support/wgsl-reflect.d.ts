// Node refuses the package's main file, a CommonJS module in a package of ES modules; this file of the package is the ES module.
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
